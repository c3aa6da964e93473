import { repeatEvery, deleteOldResponses } from '@casewire/service';
import type { Logger } from '@casewire/telemetry';
import type { Pool } from 'pg';

import { forgetDeadLetters } from './api/dead-letters/dead-letter.query.ts';
import {
  createAttemptPartitions,
  dropAttemptPartitions,
} from './api/delivery-log/attempt-partitions.ts';
import type { DeliveryConfig } from './config.ts';
import { removeDeliveryEvents } from './engine/delivery-events/delivery-event-publisher.ts';
import { suspendFailing } from './engine/store/suspend-failing.ts';
import type { LaneStore } from './model/lane-store.ts';
import { removeNotifications } from './notifications/notification-retention.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** In days. Dead letters are kept as long as their topics keep them. */
const kept = { deadLetters: 14, outcomes: 7, notifications: 90 };

export interface MaintenanceOptions {
  config: Pick<
    DeliveryConfig,
    'ATTEMPTS_KEEP_DAYS' | 'DELIVERY_EXPIRE_AFTER_DAYS' | 'DELIVERY_SUSPEND_AFTER_DAYS'
  >;
  pool: Pool;
  lanes: Pick<LaneStore, 'expire'>;
  now: () => Date;
  logger: Logger;
  /** By the names under which their failures are logged. */
  eachMinute: Record<string, () => Promise<unknown>>;
}

/** What is done now and then for as long as the service runs. */
export function startMaintenance({
  config,
  pool,
  lanes,
  now,
  logger,
  eachMinute,
}: MaintenanceOptions) {
  const daysAgo = (days: number) => new Date(now().getTime() - days * day);
  const suspendAfter = config.DELIVERY_SUSPEND_AFTER_DAYS * day;
  const eachHour: MaintenanceOptions['eachMinute'] = {
    'deliveries.expire': () => lanes.expire(daysAgo(config.DELIVERY_EXPIRE_AFTER_DAYS)),
    'attempt-partitions': () => createAttemptPartitions(pool, now()),
    'attempt-retention': () => dropAttemptPartitions(pool, now(), config.ATTEMPTS_KEEP_DAYS),
    'outcome-retention': () => removeDeliveryEvents(pool, daysAgo(kept.outcomes)),
    'notification-retention': () => removeNotifications(pool, daysAgo(kept.notifications)),
    'dead-letter-retention': () => forgetDeadLetters(pool, daysAgo(kept.deadLetters)),
    'idempotency.forget': () => deleteOldResponses(pool),
  };
  return [
    ...Object.entries(eachMinute).map(([name, work]) => repeatEvery(minute, work, logger, name)),
    ...Object.entries(eachHour).map(([name, work]) => repeatEvery(hour, work, logger, name)),
    repeatEvery(
      // A sweep must come within the time that it looks at.
      Math.min(minute, suspendAfter / 4),
      () => suspendFailing(pool, now(), suspendAfter),
      logger,
      'endpoints.suspend-failing',
    ),
  ];
}
