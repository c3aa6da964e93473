import { KeyRegistry } from '@casewire/auth';
import { Converter } from '@casewire/event-schemas';
import {
  deleteOldResponses,
  type RunningService,
  type ServiceDefinition,
  startService,
} from '@casewire/service';

import { CatalogConfig } from './config.ts';
import { Catalog } from './event-types/catalog.ts';
import { EventTypesController } from './event-types/event-types.controller.ts';
import { EventTypesService } from './event-types/event-types.service.ts';
import { migrations } from './migrations/index.ts';
import { PagesController } from './pages/pages.controller.ts';
import { Pages } from './pages/pages.ts';
import { RegistrationController } from './registration/registration.controller.ts';
import { RegistrationService } from './registration/registration.service.ts';
import { seeds } from './seeds/seeds.ts';

const hour = 3_600_000;

export const service: ServiceDefinition<typeof CatalogConfig> = {
  name: 'event-catalog',
  config: CatalogConfig,
  async parts(context) {
    const { config } = context;
    const pool = await context.openDatabase(config.CATALOG_DATABASE_URL, migrations, 10);
    const log = await context.openEventLog();
    const catalog = new Catalog(pool, log);
    const eventTypes = new EventTypesService(catalog);
    await eventTypes.seed(seeds);
    const registry = new KeyRegistry(log, config.API_KEY_PEPPER);
    context.onStop(() => registry.stop());
    await registry.start();
    const converter = new Converter();
    context.onStop(() => converter.close());
    context.repeatEvery(hour, 'catalog.republish', () => catalog.publish());
    context.repeatEvery(hour, 'idempotency-retention', () => deleteOldResponses(pool));
    return {
      controllers: [EventTypesController, RegistrationController, PagesController],
      providers: [
        registry.authenticator,
        eventTypes,
        new RegistrationService(catalog, log, converter),
        new Pages(pool),
      ],
      port: config.CATALOG_PORT,
      apis: [
        {
          path: '/catalog/v1',
          title: 'Casewire Event Catalog',
          description: 'Event types, their versions and their schemas.',
        },
      ],
      pages: [
        { path: '/catalog/v1/reference', title: 'Casewire events' },
        { path: '/catalog/v1/events.md', title: 'Casewire events: Markdown' },
        { path: '/catalog/v1/llms.txt', title: 'Casewire events: for language models' },
        { path: '/catalog/v1/asyncapi.json', title: 'Casewire events: AsyncAPI document' },
        { path: '/catalog/v1/webhooks.json', title: 'Casewire events: OpenAPI webhooks' },
      ],
      readiness: { views: () => (registry.healthy ? null : 'the registry cannot be followed') },
    };
  },
};

export const start = (env: NodeJS.ProcessEnv): Promise<RunningService> =>
  startService(service, env);
