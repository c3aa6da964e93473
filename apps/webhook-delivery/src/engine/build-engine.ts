import { randomUUID } from 'node:crypto';

import type { Sealer } from '@casewire/auth';
import type { ServiceContext } from '@casewire/service';
import type { Pool } from 'pg';

import type { DeliveryConfig } from '../config.ts';
import type { AttemptMetrics } from '../metrics/attempt-metrics.ts';
import type { RegistryViews } from '../registry/registry-views.ts';
import { AttemptWriter } from './dispatch/attempt-writer.ts';
import { Dispatcher } from './dispatch/dispatcher.ts';
import { Handshakes } from './dispatch/handshakes.ts';
import { send } from './dispatch/sender.ts';
import { Targets } from './dispatch/targets.ts';
import { HttpAgents } from './egress/http-agents.ts';
import { allowRate } from './store/destination.sql.ts';
import { PostgresLaneStore } from './store/postgres-lane-store.ts';

export interface Engine {
  store: PostgresLaneStore;
  dispatcher: Dispatcher;
}

/** Builds the delivery engine on the service's database. The caller starts the dispatcher. */
export function buildEngine(
  context: ServiceContext<DeliveryConfig>,
  pool: Pool,
  views: RegistryViews,
  sealer: Sealer,
  metrics?: AttemptMetrics,
): Engine {
  const { config, logger, now } = context;
  const agents = new HttpAgents();
  context.onStop(() => agents.close());
  const targets = new Targets(views, sealer, agents, now);
  const store = new PostgresLaneStore(pool, {
    onHealthUpdateFailed: (error) =>
      logger.warn({ event: 'destination.health-update-failed', error }),
  });
  const monotonic = () => performance.now();
  const handshakes = new Handshakes({
    origin: config.WEBHOOK_REQUEST_ORIGIN,
    send,
    rateOf: (head) => targets.rateOf(head),
    allow: (destinationId, ratePerSecond) => allowRate(pool, destinationId, ratePerSecond),
    monotonic,
  });
  const leaseHolder = randomUUID();
  const dispatcher = new Dispatcher({
    leaseHolder,
    slots: config.DELIVERY_SLOTS,
    store,
    attemptWriter: new AttemptWriter(store, leaseHolder, logger),
    targetOf: (head) => targets.of(head),
    policyOf: (head) => targets.policyOf(head),
    consentOf: (head, target) => handshakes.consentOf(head, target),
    send,
    now,
    monotonic,
    random: Math.random,
    timeFactor: config.RETRY_TIME_FACTOR,
    logger,
    ...(metrics && { metrics }),
  });
  context.onStop(() => dispatcher.stop());
  return { store, dispatcher };
}
