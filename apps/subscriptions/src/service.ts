import { KeyRegistry, OperatorKey, Sealer } from '@casewire/auth';
import { EventType, Topics } from '@casewire/contracts';
import { ReferenceView } from '@casewire/event-log';
import { compare } from '@casewire/event-schemas';
import {
  deleteOldResponses,
  type RunningService,
  type ServiceDefinition,
  startService,
} from '@casewire/service';

import { ApiKeysController } from './api-keys/api-keys.controller.ts';
import { ApiKeysService } from './api-keys/api-keys.service.ts';
import { SubscriptionsConfig } from './config.ts';
import { Catalog } from './endpoints/catalog.ts';
import { EndpointSubscriptionsController } from './endpoints/endpoint-subscriptions.controller.ts';
import { EndpointSubscriptionsService } from './endpoints/endpoint-subscriptions.service.ts';
import { EndpointsController } from './endpoints/endpoints.controller.ts';
import { EndpointsService } from './endpoints/endpoints.service.ts';
import { PingService } from './endpoints/ping.service.ts';
import { ProvisioningController } from './endpoints/provisioning.controller.ts';
import { migrations } from './migrations/index.ts';
import { CallbackSecretController } from './organizations/callback-secret.controller.ts';
import { OrganizationsController } from './organizations/organizations.controller.ts';
import { OrganizationsService } from './organizations/organizations.service.ts';
import { Registry } from './publication/registry.ts';

const hour = 3_600_000;

export const service: ServiceDefinition<typeof SubscriptionsConfig> = {
  name: 'subscriptions',
  config: SubscriptionsConfig,
  async parts(context) {
    const { config, now } = context;
    const pool = await context.openDatabase(config.SUBSCRIPTIONS_DATABASE_URL, migrations, 10);
    const log = await context.openEventLog();
    const sealer = new Sealer(config.SEALING_KEY);
    const registry = new Registry(pool, log, sealer);
    await registry.publish();
    const keys = new KeyRegistry(log, config.API_KEY_PEPPER);
    const eventTypes = new ReferenceView({
      log,
      topic: Topics.eventTypes,
      parse: (value) => EventType.parse(value),
    });
    context.onStop(() => eventTypes.stop());
    context.onStop(() => keys.stop());
    await Promise.all([keys.start(), eventTypes.start()]);
    context.repeatEvery(hour, 'registry.republish', () => registry.publish());
    context.repeatEvery(hour, 'idempotency-retention', () => deleteOldResponses(pool));
    const catalog = new Catalog(eventTypes);
    return {
      controllers: [
        OrganizationsController,
        ApiKeysController,
        ProvisioningController,
        CallbackSecretController,
        EndpointSubscriptionsController,
        EndpointsController,
      ],
      providers: [
        keys.authenticator,
        new OperatorKey(config.OPERATOR_KEY),
        new OrganizationsService(registry, catalog, sealer, now),
        new ApiKeysService(registry, config.API_KEY_PEPPER, now),
        new EndpointsService(registry, catalog, sealer, now),
        new EndpointSubscriptionsService(registry, catalog, compare),
        new PingService(registry, log, now),
      ],
      port: config.SUBSCRIPTIONS_PORT,
      apis: [
        {
          path: '/registry/v1',
          title: 'Casewire Registry',
          description:
            'Your endpoints, their subscriptions, and the secrets that sign the requests to them.',
        },
        {
          path: '/admin/v1',
          title: 'Casewire Administration',
          description: 'For the operator of the platform: organizations, API keys and endpoints.',
        },
      ],
      readiness: {
        views: () =>
          keys.healthy && eventTypes.healthy
            ? null
            : 'the registry or the catalog cannot be followed',
      },
    };
  },
};

export const start = (env: NodeJS.ProcessEnv): Promise<RunningService> =>
  startService(service, env);
