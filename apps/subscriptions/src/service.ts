import { KeyRegistry, OperatorKey, Sealer } from '@casewire/auth';
import { allTopics, EventType, Topics } from '@casewire/contracts';
import { brokerAnswers, EventLog, ReferenceView } from '@casewire/event-log';
import { compare } from '@casewire/event-schemas';
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

import { ApiKeysService } from './api-keys/api-keys.service.ts';
import { SubscriptionsModule } from './app.module.ts';
import { SubscriptionsConfig } from './config.ts';
import { Catalog } from './endpoints/catalog.ts';
import { EndpointSubscriptionsService } from './endpoints/endpoint-subscriptions.service.ts';
import { EndpointsService } from './endpoints/endpoints.service.ts';
import { PingService } from './endpoints/ping.service.ts';
import { CreateSubscriptions1763600000000 } from './migrations/1763600000000-create-subscriptions.ts';
import { OrganizationsService } from './organizations/organizations.service.ts';
import { Registry } from './publication/registry.ts';

const hour = 3_600_000;

export async function start(env: NodeJS.ProcessEnv): Promise<RunningService> {
  const config = readConfig(SubscriptionsConfig, env);
  const logger = createLogger('subscriptions', config.LOG_LEVEL);
  const telemetry = startTelemetry('subscriptions', env);
  await migrate(config.SUBSCRIPTIONS_DATABASE_URL, [CreateSubscriptions1763600000000]);
  const pool = openDatabase(config.SUBSCRIPTIONS_DATABASE_URL, logger, 10);
  const log = new EventLog({
    brokers: config.KAFKA_BROKERS,
    clientId: 'subscriptions',
    logger: libraryLogger(logger, 'event-log'),
  });
  await log.ensureTopics(allTopics);
  const sealer = new Sealer(config.SEALING_KEY);
  const registry = new Registry(pool, log, sealer);
  await registry.publish();
  const known = new KeyRegistry(log, config.API_KEY_PEPPER);
  const eventTypes = new ReferenceView({
    log,
    topic: Topics.eventTypes,
    parse: (value) => EventType.parse(value),
  });
  await Promise.all([known.start(), eventTypes.start()]);
  const maintenance = [
    repeatEvery(hour, () => registry.publish(), logger, 'registry.republish'),
    repeatEvery(hour, () => deleteOldResponses(pool), logger, 'idempotency.forget'),
  ];
  const now = () => new Date();
  const catalog = new Catalog(eventTypes);
  return startHttpService({
    module: SubscriptionsModule.of({
      authenticator: known.authenticator,
      operatorKey: new OperatorKey(config.OPERATOR_KEY),
      organizations: new OrganizationsService(registry, catalog, sealer, now),
      apiKeys: new ApiKeysService(registry, config.API_KEY_PEPPER, now),
      endpoints: new EndpointsService(registry, catalog, sealer, now),
      endpointSubscriptions: new EndpointSubscriptionsService(registry, catalog, compare),
      pings: new PingService(registry, log, now),
    }),
    name: 'subscriptions',
    port: config.SUBSCRIPTIONS_PORT,
    host: config.LISTEN_HOST,
    logger,
    apis: [
      {
        path: '/registry/v1',
        title: 'Casewire Registry',
        description:
          'Your endpoints, their subscriptions, and the secrets with which requests to them are signed.',
      },
      {
        path: '/admin/v1',
        title: 'Casewire Administration',
        description: 'For the operator of the platform: organizations, API keys and endpoints.',
      },
    ],
    readiness: {
      database: databaseAnswers(pool),
      broker: brokerAnswers(log, Topics.organizations),
      views: () =>
        known.healthy && eventTypes.healthy
          ? null
          : 'the registry or the catalog cannot be followed',
    },
    onStop: [
      ...maintenance.map((task) => () => task.stop()),
      () => known.stop(),
      () => eventTypes.stop(),
      () => log.close(),
      () => pool.end(),
      () => telemetry.stop(),
    ],
  });
}
