import { KeyRegistry } from '@casewire/auth';
import { allTopics } from '@casewire/contracts';
import { EventLog } from '@casewire/event-log';
import {
  every,
  migrate,
  readConfig,
  startHttpService,
  type RunningService,
  openDatabase,
} from '@casewire/service';
import { createLogger, libraryLogger, startTelemetry } from '@casewire/telemetry';

import { EventCatalogModule } from './app.module.ts';
import { CatalogConfig } from './config.ts';
import { casewireEventTypes } from './event-types/casewire-event-types.ts';
import { EventTypesService } from './event-types/event-types.service.ts';
import { CreateCatalog1763600000000 } from './migrations/1763600000000-create-catalog.ts';

const hour = 3_600_000;

export async function start(env: NodeJS.ProcessEnv): Promise<RunningService> {
  const config = readConfig(CatalogConfig, env);
  const logger = createLogger('event-catalog', config.LOG_LEVEL);
  startTelemetry('event-catalog', env);
  await migrate(config.CATALOG_DATABASE_URL, [CreateCatalog1763600000000]);
  const pool = openDatabase(config.CATALOG_DATABASE_URL, logger, 5);
  const log = new EventLog({
    brokers: config.KAFKA_BROKERS,
    clientId: 'event-catalog',
    logger: libraryLogger(logger, 'event-log'),
  });
  await log.ensureTopics(allTopics);
  const eventTypes = new EventTypesService(pool, log);
  await eventTypes.register(casewireEventTypes);
  const registry = new KeyRegistry(log, config.API_KEY_PEPPER);
  await registry.start();
  const republishing = every(hour, () => eventTypes.publish(), logger, 'catalog.republish');
  return startHttpService({
    module: EventCatalogModule.of({
      authenticator: registry.authenticator,
      eventTypes,
    }),
    name: 'event-catalog',
    port: config.CATALOG_PORT,
    logger,
    api: {
      path: '/catalog/v1',
      title: 'Casewire Event Catalog',
      description: 'Which events there are.',
    },
    readiness: () => (registry.healthy ? null : 'the views on the registry cannot follow'),
    onStop: [() => republishing.stop(), () => registry.stop(), () => log.close(), () => pool.end()],
  });
}
