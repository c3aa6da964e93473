import { randomUUID } from 'node:crypto';

import { Authenticator, Sealer } from '@casewire/auth';
import { allTopics, ApiKey, Topics } from '@casewire/contracts';
import { EventLog, EventLogTransport, ReferenceView } from '@casewire/event-log';
import {
  every,
  migrate,
  readConfig,
  startHttpService,
  type RunningService,
  openDatabase,
} from '@casewire/service';
import { createLogger, libraryLogger, startTelemetry } from '@casewire/telemetry';

import { WebhookDeliveryModule } from './app.module.ts';
import { DeliveryConfig } from './config.ts';
import {
  createAttemptPartitions,
  dropAttemptPartitions,
} from './delivery-log/attempt-partitions.ts';
import { DeliveryLogService } from './delivery-log/delivery-log.service.ts';
import { DestinationSync } from './destinations/destination-sync.ts';
import { RegistryViews } from './destinations/registry-views.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { Handshakes } from './dispatch/handshakes.ts';
import { OutcomeWriter } from './dispatch/outcome-writer.ts';
import { send } from './dispatch/sender.ts';
import { Agents } from './egress/agents.ts';
import { Inbox } from './inbox/inbox.ts';
import { allowRate } from './lanes/destination.sql.ts';
import { PostgresLaneStore } from './lanes/postgres-lane-store.ts';
import { migrations } from './migrations/index.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

export interface RunningDelivery extends RunningService {
  /** The service's views on the registry and the catalog. */
  readonly views: RegistryViews;
}

export async function start(env: NodeJS.ProcessEnv): Promise<RunningDelivery> {
  const config = readConfig(DeliveryConfig, env);
  const logger = createLogger('webhook-delivery', config.LOG_LEVEL);
  startTelemetry('webhook-delivery', env);
  await migrate(config.DELIVERY_DATABASE_URL, migrations);
  const pool = openDatabase(config.DELIVERY_DATABASE_URL, logger);
  const now = () => new Date();
  await createAttemptPartitions(pool, now());
  const log = new EventLog({
    brokers: config.KAFKA_BROKERS,
    clientId: 'webhook-delivery',
    logger: libraryLogger(logger, 'event-log'),
  });
  await log.ensureTopics(allTopics);
  const agents = new Agents();
  const views = new RegistryViews(log, new Sealer(config.SEALING_KEY), agents, now);
  const keys = new ReferenceView({
    log,
    topic: Topics.apiKeys,
    parse: (value) => ApiKey.parse(value),
  });
  const allViews = [...views.all, keys];
  await Promise.all(allViews.map((view) => view.start()));

  const lanes = new PostgresLaneStore(pool, {
    onHealthLost: (error) => logger.warn({ event: 'destination.health-lost', error }),
  });
  const owner = randomUUID();
  const monotonic = () => performance.now();
  const handshakes = new Handshakes({
    origin: config.WEBHOOK_REQUEST_ORIGIN,
    send,
    rateOf: (head) => views.targets.rateOf(head),
    allow: (destinationId, ratePerSecond) => allowRate(pool, destinationId, ratePerSecond),
    monotonic,
  });
  const dispatcher = new Dispatcher({
    owner,
    slots: config.DELIVERY_SLOTS,
    lanes,
    outcomes: new OutcomeWriter(lanes, owner, logger),
    targetOf: (head) => views.targets.of(head),
    policyOf: (head) => views.targets.policyOf(head),
    consentOf: (head, target) => handshakes.consentOf(head, target),
    send,
    now,
    monotonic,
    random: Math.random,
    timeFactor: config.RETRY_TIME_FACTOR,
    logger,
  });
  const wake = () => dispatcher.wake();
  const endpoints = {
    entries: () => views.endpoints.entries(),
    get: (id: string) => views.endpoints.get(id),
    isDeleted: (id: string) => views.isDeleted(id),
    onChange: (listener: (id: string) => void) => views.endpoints.onChange(listener),
  };
  const sync = new DestinationSync(endpoints, lanes, pool, wake, logger);
  await sync.start();
  const waitedSince = () => new Date(now().getTime() - config.DELIVERY_EXPIRE_AFTER_DAYS * day);
  const upkeep = [
    every(minute, () => sync.takeOver(), logger, 'destinations.take-over'),
    every(60 * minute, () => lanes.expire(waitedSince()), logger, 'deliveries.expire'),
    every(60 * minute, () => createAttemptPartitions(pool, now()), logger, 'attempt-partitions'),
    every(60 * minute, () => dropAttemptPartitions(pool, now()), logger, 'attempt-retention'),
  ];
  const service = await startHttpService({
    module: WebhookDeliveryModule.of({
      authenticator: new Authenticator(keys, views.organizations, config.API_KEY_PEPPER),
      inbox: new Inbox(views, dispatcher, wake, logger),
      deliveryLog: new DeliveryLogService(pool),
    }),
    name: 'webhook-delivery',
    port: config.DELIVERY_PORT,
    logger,
    api: {
      path: '/delivery/v1',
      title: 'Casewire Delivery',
      description: 'What was delivered, and what came back.',
    },
    strategy: new EventLogTransport({ log, groupId: 'webhook-delivery' }),
    readiness: () =>
      allViews.every(({ healthy }) => healthy) ? null : 'the views on the registry cannot follow',
    onStop: [
      () => dispatcher.stop(),
      ...upkeep.map((one) => () => one.stop()),
      () => sync.stop(),
      () => agents.close(),
      ...allViews.map((view) => () => view.stop()),
      () => log.close(),
      () => pool.end(),
    ],
  });
  dispatcher.start();
  return { ...service, views };
}
