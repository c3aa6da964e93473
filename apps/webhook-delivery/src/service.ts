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

import { WebhookDeliveryModule } from './app.module.ts';
import { DeliveryConfig } from './config.ts';
import { DeadLetterBox } from './dead-letters/dead-letter-box.ts';
import { DeadLetterReplay } from './dead-letters/dead-letter-replay.ts';
import { DeadLettersService } from './dead-letters/dead-letters.service.ts';
import { createAttemptPartitions } from './delivery-log/attempt-partitions.ts';
import { DeliveryLogService } from './delivery-log/delivery-log.service.ts';
import { HeldDeliveriesService } from './delivery-log/held-deliveries.service.ts';
import { DestinationSync } from './destinations/destination-sync.ts';
import { RegistryViews } from './destinations/registry-views.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { Handshakes } from './dispatch/handshakes.ts';
import { OutcomeWriter } from './dispatch/outcome-writer.ts';
import { send } from './dispatch/sender.ts';
import { Agents } from './egress/agents.ts';
import { EndpointHealthService } from './endpoints/endpoint-health.service.ts';
import { OwnEndpoints } from './endpoints/own-endpoints.ts';
import { Once } from './idempotency/once.ts';
import { Deliveries } from './inbox/deliveries.ts';
import { Entries } from './inbox/entries.ts';
import { Inbox } from './inbox/inbox.ts';
import { Partitions } from './inbox/partitions.ts';
import { TeamTopics } from './inbox/team-topics.ts';
import { Versions } from './inbox/versions.ts';
import { allowRate } from './lanes/destination.sql.ts';
import { PostgresLaneStore } from './lanes/postgres-lane-store.ts';
import { migrations } from './migrations/index.ts';
import { LettersService } from './notices/letters.service.ts';
import { smtpMail } from './notices/mail.ts';
import { Notices } from './notices/notices.ts';
import { OutcomePublisher } from './outcomes/outcome-publisher.ts';
import { ReplayRunner } from './replays/replay-runner.ts';
import { ReplaysService } from './replays/replays.service.ts';
import { TestClockService } from './test-clock/test-clock.service.ts';
import { startUpkeep } from './upkeep.ts';

const minute = 60_000;

export interface RunningDelivery extends RunningService {
  /** The service's views on the registry and the catalog. */
  readonly views: RegistryViews;
}

export async function start(env: NodeJS.ProcessEnv): Promise<RunningDelivery> {
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
  const agents = new Agents();
  const sealer = new Sealer(config.SEALING_KEY);
  const partitions = new Partitions(log);
  const views = new RegistryViews(log, sealer, agents, partitions, now);
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
  const outcomes = new OutcomePublisher({
    databaseUrl: config.DELIVERY_DATABASE_URL,
    publish: (records) => log.send(records),
    logger,
  });
  const notices = new Notices({
    pool,
    databaseUrl: config.DELIVERY_DATABASE_URL,
    gatherMs: config.NOTICE_GATHER_MINUTES * minute,
    quietMs: config.NOTICE_QUIET_MINUTES * minute,
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
  const deliveries = new Deliveries(new Versions(views.catalog, converter), sealer);
  const entries = new Entries(views, deliveries, sealer);
  const inbox = new Inbox(views, entries, dispatcher, logger);
  const deadLetterBox = new DeadLetterBox(pool, logger);
  for (const topic of [Topics.casewireEvents, Topics.registryEvents]) await partitions.learn(topic);
  const ofTeams = { log, organizations: views.organizations, groupId: 'webhook-delivery', logger };
  const teamTopics = new TeamTopics({
    ...ofTeams,
    topicOf: teamTopic,
    learn: (topic) => partitions.learn(topic),
    take: (records) => inbox.take(records),
  });
  const teamDeadLetters = new TeamTopics({
    ...ofTeams,
    topicOf: (slug) => deadLetterTopic(teamTopic(slug)),
    take: (records) => deadLetterBox.take(records),
  });
  const upkeep = startUpkeep({
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
  const once = new Once(pool, sealer);
  const ownEndpoints = new OwnEndpoints(views.endpoints);
  const deliveryLog = new DeliveryLogService(pool, sealer);
  const replayRunner = new ReplayRunner({ pool, lanes, wake, logger });
  const strategy = new EventLogTransport({ log, groupId: 'webhook-delivery' });
  const service = await startHttpService({
    module: WebhookDeliveryModule.of({
      authenticator: new Authenticator(keys, views.organizations, config.API_KEY_PEPPER),
      inbox,
      deliveryLog,
      letters: new LettersService(pool),
      heldDeliveries: new HeldDeliveriesService(deliveryLog, lanes, once, wake),
      endpointHealth: new EndpointHealthService(pool, ownEndpoints, lanes, once, wake),
      replays: new ReplaysService({
        pool,
        endpoints: ownEndpoints,
        lanes,
        once,
        wake: () => replayRunner.wake(),
      }),
      deadLetterBox,
      deadLetters: new DeadLettersService(pool),
      deadLetterReplay: new DeadLetterReplay(views, entries, once, wake),
      testClock: new TestClockService(once, wake),
    }),
    name: 'webhook-delivery',
    port: config.DELIVERY_PORT,
    host: config.LISTEN_HOST,
    logger,
    apis: [
      {
        path: '/delivery/v1',
        title: 'Casewire Delivery',
        description: 'What was delivered, and what came back.',
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
      () => outcomes.stop(),
      () => notices.stop(),
      ...upkeep.map((one) => () => one.stop()),
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
  outcomes.start();
  notices.start();
  return { ...service, views };
}
