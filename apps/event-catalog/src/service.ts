import { KeyRegistry } from '@casewire/auth';
import { allTopics, Topics } from '@casewire/contracts';
import { brokerAnswers, EventLog } from '@casewire/event-log';
import { Converter } from '@casewire/event-schemas';
import {
  databaseAnswers,
  repeatEvery,
  deleteOldResponses,
  migrate,
  readConfig,
  startHttpService,
  type RunningService,
  openDatabase,
} from '@casewire/service';
import { createLogger, libraryLogger, startTelemetry } from '@casewire/telemetry';

import { EventCatalogModule } from './app.module.ts';
import { CatalogConfig } from './config.ts';
import { Catalog } from './event-types/catalog.ts';
import { EventTypesService } from './event-types/event-types.service.ts';
import { CreateCatalog1763600000000 } from './migrations/1763600000000-create-catalog.ts';
import { SchemaHistory1763800000000 } from './migrations/1763800000000-schema-history.ts';
import { Pages } from './pages/pages.ts';
import { RegistrationService } from './registration/registration.service.ts';
import { seeds } from './seeds/seeds.ts';

const hour = 3_600_000;

export async function start(env: NodeJS.ProcessEnv): Promise<RunningService> {
  const config = readConfig(CatalogConfig, env);
  const logger = createLogger('event-catalog', config.LOG_LEVEL);
  const telemetry = startTelemetry('event-catalog', env);
  await migrate(config.CATALOG_DATABASE_URL, [
    CreateCatalog1763600000000,
    SchemaHistory1763800000000,
  ]);
  const pool = openDatabase(config.CATALOG_DATABASE_URL, logger, 10);
  const log = new EventLog({
    brokers: config.KAFKA_BROKERS,
    clientId: 'event-catalog',
    logger: libraryLogger(logger, 'event-log'),
  });
  await log.ensureTopics(allTopics);
  const catalog = new Catalog(pool, log);
  const eventTypes = new EventTypesService(catalog);
  await eventTypes.seed(seeds);
  const registry = new KeyRegistry(log, config.API_KEY_PEPPER);
  await registry.start();
  const converter = new Converter();
  const maintenance = [
    repeatEvery(hour, () => catalog.publish(), logger, 'catalog.republish'),
    repeatEvery(hour, () => deleteOldResponses(pool), logger, 'idempotency.forget'),
  ];
  return startHttpService({
    module: EventCatalogModule.of({
      authenticator: registry.authenticator,
      eventTypes,
      registration: new RegistrationService(catalog, log, converter),
      pages: new Pages(pool),
    }),
    name: 'event-catalog',
    port: config.CATALOG_PORT,
    host: config.LISTEN_HOST,
    logger,
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
    readiness: {
      database: databaseAnswers(pool),
      broker: brokerAnswers(log, Topics.organizations),
      views: () => (registry.healthy ? null : 'the registry cannot be followed'),
    },
    onStop: [
      ...maintenance.map((task) => () => task.stop()),
      () => converter.close(),
      () => registry.stop(),
      () => log.close(),
      () => pool.end(),
      () => telemetry.stop(),
    ],
  });
}
