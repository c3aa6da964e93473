import { randomUUID } from 'node:crypto';

import { Authenticator, Sealer } from '@casewire/auth';
import { allTopics, ApiKey, teamTopic, Topics } from '@casewire/contracts';
import {
  brokerAnswers,
  deadLetterTopic,
  EventLog,
  EventLogTransport,
  ReferenceView,
} from '@casewire/event-log';
import { Converter } from '@casewire/event-schemas';
import {
  databaseAnswers,
  migrate,
  readConfig,
  startHttpService,
  type RunningService,
  openDatabase,
} from '@casewire/service';
import { createLogger, libraryLogger, startTelemetry } from '@casewire/telemetry';
import { dialects } from '@casewire/webhooks';

import { DeadLetterReplay } from './api/dead-letters/dead-letter-replay.ts';
import { DeadLettersService } from './api/dead-letters/dead-letters.service.ts';
import { createAttemptPartitions } from './api/delivery-log/attempt-partitions.ts';
import { BlockedDeliveriesService } from './api/delivery-log/blocked-deliveries.service.ts';
import { DeliveryLogService } from './api/delivery-log/delivery-log.service.ts';
import { EndpointHealthService } from './api/endpoint-health/endpoint-health.service.ts';
import { IdempotentHandler } from './api/idempotent-handler.ts';
import { ReplayRunner } from './api/replays/replay-runner.ts';
import { ReplaysService } from './api/replays/replays.service.ts';
import { TestClockService } from './api/test-clock/test-clock.service.ts';
import { WebhookDeliveryModule } from './app.module.ts';
import { DeliveryConfig } from './config.ts';
import { DeliveryEventPublisher } from './engine/delivery-events/delivery-event-publisher.ts';
import { AttemptWriter } from './engine/dispatch/attempt-writer.ts';
import { Dispatcher } from './engine/dispatch/dispatcher.ts';
import { Handshakes } from './engine/dispatch/handshakes.ts';
import { send } from './engine/dispatch/sender.ts';
import { Targets } from './engine/dispatch/targets.ts';
import { HttpAgents } from './engine/egress/http-agents.ts';
import { allowRate } from './engine/store/destination.sql.ts';
import { PostgresLaneStore } from './engine/store/postgres-lane-store.ts';
import { DeadLetterIntake } from './intake/dead-letters/dead-letter-intake.ts';
import { DeliveryBuilder } from './intake/delivery-builder.ts';
import { EntryBuilder } from './intake/entry-builder.ts';
import { EventIntake } from './intake/event-intake.ts';
import { TeamTopicConsumers } from './intake/team-topic-consumers.ts';
import { VersionConverter } from './intake/version-converter.ts';
import { startMaintenance } from './maintenance.ts';
import { migrations } from './migrations/index.ts';
import { checkLease } from './model/lease.ts';
import { smtpMail } from './notifications/mail.ts';
import { NotificationsService } from './notifications/notifications.service.ts';
import { Notifications } from './notifications/notifications.ts';
import { DestinationSync } from './registry/destination-sync.ts';
import { PartitionCounts } from './registry/partition-counts.ts';
import { RegistryViews } from './registry/registry-views.ts';
import { TenantEndpoints } from './registry/tenant-endpoints.ts';

const minute = 60_000;

export interface RunningDelivery extends RunningService {
  /** The service's views of the registry and the catalog. */
  readonly views: RegistryViews;
}

export async function start(env: NodeJS.ProcessEnv): Promise<RunningDelivery> {
  checkLease(dialects);
  const config = readConfig(DeliveryConfig, env);
  const logger = createLogger('webhook-delivery', config.LOG_LEVEL);
  const telemetry = startTelemetry('webhook-delivery', env);
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
  const agents = new HttpAgents();
  const sealer = new Sealer(config.SEALING_KEY);
  const partitions = new PartitionCounts(log);
  const views = new RegistryViews(log, partitions);
  const targets = new Targets(views, sealer, agents, now);
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
  const leaseHolder = randomUUID();
  const monotonic = () => performance.now();
  const handshakes = new Handshakes({
    origin: config.WEBHOOK_REQUEST_ORIGIN,
    send,
    rateOf: (head) => targets.rateOf(head),
    allow: (destinationId, ratePerSecond) => allowRate(pool, destinationId, ratePerSecond),
    monotonic,
  });
  const dispatcher = new Dispatcher({
    leaseHolder,
    slots: config.DELIVERY_SLOTS,
    lanes,
    outcomes: new AttemptWriter(lanes, leaseHolder, logger),
    targetOf: (head) => targets.of(head),
    policyOf: (head) => targets.policyOf(head),
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
  const deliveryEvents = new DeliveryEventPublisher({
    databaseUrl: config.DELIVERY_DATABASE_URL,
    publish: (records) => log.send(records),
    logger,
  });
  const notifications = new Notifications({
    pool,
    databaseUrl: config.DELIVERY_DATABASE_URL,
    gatherMs: config.ALERT_GATHER_MINUTES * minute,
    quietMs: config.ALERT_QUIET_MINUTES * minute,
    mail:
      config.SMTP_URL === undefined
        ? null
        : smtpMail({ url: config.SMTP_URL, from: config.MAIL_FROM! }),
    organizations: views.organizations,
    endpoints: views.endpoints,
    now,
    logger,
  });
  const converter = new Converter();
  const deliveries = new DeliveryBuilder(new VersionConverter(views.catalog, converter), sealer);
  const entries = new EntryBuilder(views, deliveries, sealer);
  const eventIntake = new EventIntake(views, entries, dispatcher, logger);
  const deadLetterIntake = new DeadLetterIntake(pool, logger);
  for (const topic of [Topics.casewireEvents, Topics.registryEvents]) await partitions.learn(topic);
  const teamOptions = {
    log,
    organizations: views.organizations,
    groupId: 'webhook-delivery',
    logger,
  };
  const teamTopics = new TeamTopicConsumers({
    ...teamOptions,
    topicOf: teamTopic,
    prepare: (topic) => partitions.learn(topic),
    handle: (records) => eventIntake.ingest(records),
  });
  const teamDeadLetters = new TeamTopicConsumers({
    ...teamOptions,
    topicOf: (slug) => deadLetterTopic(teamTopic(slug)),
    handle: (records) => deadLetterIntake.store(records),
  });
  const maintenance = startMaintenance({
    config,
    pool,
    lanes,
    now,
    logger,
    eachMinute: {
      'destinations.take-over': () => sync.takeOver(),
      'team-topics.retry': async () => teamTopics.retry(),
      'team-dead-letters.retry': async () => teamDeadLetters.retry(),
    },
  });
  const idempotent = new IdempotentHandler(pool, sealer);
  const tenantEndpoints = new TenantEndpoints(views.endpoints);
  const deliveryLog = new DeliveryLogService(pool, sealer);
  const replayRunner = new ReplayRunner({ pool, lanes, wake, logger });
  const strategy = new EventLogTransport({ log, groupId: 'webhook-delivery' });
  const service = await startHttpService({
    module: WebhookDeliveryModule.of({
      authenticator: new Authenticator(keys, views.organizations, config.API_KEY_PEPPER),
      eventIntake,
      deliveryLog,
      notifications: new NotificationsService(pool),
      blockedDeliveries: new BlockedDeliveriesService(deliveryLog, lanes, idempotent, wake),
      endpointHealth: new EndpointHealthService(pool, tenantEndpoints, lanes, idempotent, wake),
      replays: new ReplaysService({
        pool,
        endpoints: tenantEndpoints,
        lanes,
        idempotent,
        wake: () => replayRunner.wake(),
      }),
      deadLetterIntake,
      deadLetters: new DeadLettersService(pool),
      deadLetterReplay: new DeadLetterReplay(views, entries, idempotent, wake),
      testClock: new TestClockService(idempotent, wake),
    }),
    name: 'webhook-delivery',
    port: config.DELIVERY_PORT,
    host: config.LISTEN_HOST,
    logger,
    apis: [
      {
        path: '/delivery/v1',
        title: 'Casewire Delivery',
        description: 'Deliveries, their attempts and the responses to them.',
      },
    ],
    strategy,
    readiness: {
      database: databaseAnswers(pool),
      broker: brokerAnswers(log, Topics.organizations),
      consumer: () => (strategy.healthy ? null : 'the events cannot be consumed'),
      views: () =>
        allViews.every(({ healthy }) => healthy)
          ? null
          : 'the registry or the catalog cannot be followed',
    },
    onStop: [
      () => teamTopics.stop(),
      () => teamDeadLetters.stop(),
      () => replayRunner.stop(),
      () => dispatcher.stop(),
      () => deliveryEvents.stop(),
      () => notifications.stop(),
      ...maintenance.map((one) => () => one.stop()),
      () => sync.stop(),
      () => agents.close(),
      () => converter.close(),
      ...allViews.map((view) => () => view.stop()),
      () => log.close(),
      () => pool.end(),
      () => telemetry.stop(),
    ],
  });
  await Promise.all([teamTopics.start(), teamDeadLetters.start()]);
  dispatcher.start();
  replayRunner.start();
  deliveryEvents.start();
  notifications.start();
  return { ...service, views };
}
