import { Authenticator, Sealer } from '@casewire/auth';
import { ApiKey, Topics } from '@casewire/contracts';
import { EventLogTransport, ReferenceView, type EventLog } from '@casewire/event-log';
import {
  startService,
  type RunningService,
  type ServiceContext,
  type ServiceDefinition,
} from '@casewire/service';
import { dialects } from '@casewire/webhooks';
import type { Pool } from 'pg';

import { DeadLetterReplay } from './api/dead-letters/dead-letter-replay.ts';
import { DeadLettersController } from './api/dead-letters/dead-letters.controller.ts';
import { DeadLettersService } from './api/dead-letters/dead-letters.service.ts';
import { createAttemptPartitions } from './api/delivery-log/attempt-partitions.ts';
import { BlockedDeliveriesController } from './api/delivery-log/blocked-deliveries.controller.ts';
import { BlockedDeliveriesService } from './api/delivery-log/blocked-deliveries.service.ts';
import { DeliveryLogController } from './api/delivery-log/delivery-log.controller.ts';
import { DeliveryLogService } from './api/delivery-log/delivery-log.service.ts';
import { EndpointHealthController } from './api/endpoint-health/endpoint-health.controller.ts';
import { EndpointHealthService } from './api/endpoint-health/endpoint-health.service.ts';
import { IdempotentHandler } from './api/idempotent-handler.ts';
import { ReplayRunner } from './api/replays/replay-runner.ts';
import { ReplaysController } from './api/replays/replays.controller.ts';
import { ReplaysService } from './api/replays/replays.service.ts';
import { TestClockController } from './api/test-clock/test-clock.controller.ts';
import { TestClockService } from './api/test-clock/test-clock.service.ts';
import { DeliveryConfig } from './config.ts';
import { buildEngine } from './engine/build-engine.ts';
import { DeliveryEventPublisher } from './engine/delivery-events/delivery-event-publisher.ts';
import { buildIntake } from './intake/build-intake.ts';
import { DeadLetterIntakeController } from './intake/dead-letters/dead-letter-intake.controller.ts';
import { IntakeController } from './intake/intake.controller.ts';
import { maintain } from './maintenance.ts';
import { buildMetrics } from './metrics/build-metrics.ts';
import { measurePool } from './metrics/measure-pool.ts';
import { migrations } from './migrations/index.ts';
import { checkLease } from './model/lease.ts';
import { smtpMail } from './notifications/mail.ts';
import { NotificationsController } from './notifications/notifications.controller.ts';
import { NotificationsService } from './notifications/notifications.service.ts';
import { Notifications } from './notifications/notifications.ts';
import { DestinationSync } from './registry/destination-sync.ts';
import { PartitionCounts } from './registry/partition-counts.ts';
import { RegistryViews } from './registry/registry-views.ts';
import { TenantEndpoints } from './registry/tenant-endpoints.ts';

const minute = 60_000;

export const service: ServiceDefinition<typeof DeliveryConfig> = {
  name: 'webhook-delivery',
  config: DeliveryConfig,
  parts: (context) => build(context),
};

export interface RunningDelivery extends RunningService {
  /** The service's views of the registry and the catalog. */
  readonly views: RegistryViews;
}

export async function start(env: NodeJS.ProcessEnv): Promise<RunningDelivery> {
  let views: RegistryViews | undefined;
  const parts: typeof service.parts = (context) => build(context, (opened) => (views = opened));
  const running = await startService({ ...service, parts }, env);
  return { ...running, views: views! };
}

async function build(
  context: ServiceContext<DeliveryConfig>,
  onViews: (views: RegistryViews) => void = () => undefined,
) {
  checkLease(dialects);
  const { config, logger, now } = context;
  const metrics = await buildMetrics(context);
  const pool = await context.openDatabase(config.DELIVERY_DATABASE_URL, migrations);
  measurePool(pool, 'delivery', metrics.delivery);
  await createAttemptPartitions(pool, now());
  const log = await context.openEventLog();
  const sealer = new Sealer(config.SEALING_KEY);
  const partitions = new PartitionCounts(log);
  const views = new RegistryViews(log, partitions);
  onViews(views);
  const keys = new ReferenceView({
    log,
    topic: Topics.apiKeys,
    parse: (value) => ApiKey.parse(value),
  });
  const allViews = [...views.all, keys];
  for (const view of allViews) context.onStop(() => view.stop());
  await Promise.all(allViews.map((view) => view.start()));

  const { publisher, notifications } = publishing(context, pool, log, views);
  const engine = buildEngine(context, pool, views, sealer, metrics.attempts);
  const { store, dispatcher } = engine;
  const wake = () => dispatcher.wake();
  const sync = new DestinationSync(endpointsOf(views), store, pool, wake, logger);
  context.onStop(() => sync.stop());
  await sync.start();
  const replayRunner = new ReplayRunner({ pool, store, wake, logger });
  context.onStop(() => replayRunner.stop());
  const intake = await buildIntake(context, { log, pool, views, partitions, sealer, engine });
  maintain(context, { pool, store, sync, teams: intake.teams });

  const handler = new IdempotentHandler(pool, sealer);
  const endpoints = new TenantEndpoints(views.endpoints);
  const deliveryLog = new DeliveryLogService(pool, sealer);
  const strategy = new EventLogTransport({
    log,
    groupId: context.name,
    onFetch: (mark) => views.requestEnds(mark),
  });
  metrics.delivery.observe({
    lag: () => [strategy, ...intake.teams].flatMap(({ lags }) => lags),
    inFlight: () => dispatcher.underWay,
  });
  return {
    controllers: [
      IntakeController,
      DeliveryLogController,
      BlockedDeliveriesController,
      EndpointHealthController,
      ReplaysController,
      DeadLetterIntakeController,
      DeadLettersController,
      NotificationsController,
      TestClockController,
    ],
    providers: [
      new Authenticator(keys, views.organizations, config.API_KEY_PEPPER),
      intake.events,
      intake.deadLetters,
      deliveryLog,
      new NotificationsService(pool),
      new BlockedDeliveriesService(deliveryLog, store, handler, wake),
      new EndpointHealthService(pool, endpoints, store, handler, wake),
      new ReplaysService({
        pool,
        endpoints,
        store,
        idempotent: handler,
        wake: () => replayRunner.wake(),
      }),
      new DeadLettersService(pool),
      new DeadLetterReplay(views, intake.entries, handler, wake),
      new TestClockService(handler, wake),
    ],
    port: config.DELIVERY_PORT,
    apis: [
      {
        path: '/delivery/v1',
        title: 'Casewire Delivery',
        description: 'Deliveries, their attempts and responses, and how to send them again.',
      },
    ],
    strategy,
    readiness: {
      consumer: () => (strategy.healthy ? null : 'the events cannot be consumed'),
      views: () =>
        allViews.every(({ healthy }) => healthy)
          ? null
          : 'the registry or the catalog cannot be followed',
    },
    async begin() {
      await Promise.all(intake.teams.map((consumers) => consumers.start()));
      dispatcher.start();
      replayRunner.start();
      publisher.start();
      notifications.start();
    },
  };
}

/** Builds the publisher of delivery events, and the e-mail notifications. */
function publishing(
  context: ServiceContext<DeliveryConfig>,
  pool: Pool,
  log: EventLog,
  views: RegistryViews,
) {
  const { config, logger, now } = context;
  const publisher = new DeliveryEventPublisher({
    databaseUrl: config.DELIVERY_DATABASE_URL,
    publish: (records) => log.send(records),
    logger,
  });
  context.onStop(() => publisher.stop());
  const notifications = new Notifications({
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
  context.onStop(() => notifications.stop());
  return { publisher, notifications };
}

const endpointsOf = (views: RegistryViews) => ({
  entries: () => views.endpoints.entries(),
  get: (id: string) => views.endpoints.get(id),
  isDeleted: (id: string) => views.isDeleted(id),
  onChange: (listener: (id: string) => void) => views.endpoints.onChange(listener),
});
