import { repeatEvery, deleteOldResponses } from '@casewire/service';
import type { Logger } from '@casewire/telemetry';
import type { Pool } from 'pg';

import {
  createAttemptPartitions,
  dropAttemptPartitions,
} from './api/delivery-log/attempt-partitions.ts';
import type { DeliveryConfig } from './config.ts';
import { removeDeliveryEvents } from './engine/delivery-events/delivery-event-publisher.ts';
import { suspendFailing } from './engine/store/suspend-failing.ts';
import { deleteOldDeadLetters } from './intake/dead-letters/dead-letter.query.ts';
import type { LaneStore } from './model/lane-store.ts';
import { deleteOldNotifications } from './notifications/notification-retention.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** How long rows are kept, in days. Dead letters are kept as long as the records on their topics. */
const keptDays = { deadLetters: 14, deliveryEvents: 7, notifications: 90 };

export interface MaintenanceOptions {
  config: Pick<
    DeliveryConfig,
    'ATTEMPTS_KEEP_DAYS' | 'DELIVERY_EXPIRE_AFTER_DAYS' | 'DELIVERY_SUSPEND_AFTER_DAYS'
  >;
  pool: Pool;
  lanes: Pick<LaneStore, 'expire'>;
  now: () => Date;
  logger: Logger;
  /** Work for each minute, by the name under which its failures are logged. */
  eachMinute: Record<string, () => Promise<unknown>>;
}

/** Starts the periodic work of the service. @returns what stops it */
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
    'delivery-event-retention': () => removeDeliveryEvents(pool, daysAgo(keptDays.deliveryEvents)),
    'notification-retention': () => deleteOldNotifications(pool, daysAgo(keptDays.notifications)),
    'dead-letter-retention': () => deleteOldDeadLetters(pool, daysAgo(keptDays.deadLetters)),
    'idempotency-retention': () => deleteOldResponses(pool),
  };
  return [
    ...Object.entries(eachMinute).map(([name, work]) => repeatEvery(minute, work, logger, name)),
    ...Object.entries(eachHour).map(([name, work]) => repeatEvery(hour, work, logger, name)),
    repeatEvery(
      // The sweep must run several times within the period that it checks.
      Math.min(minute, suspendAfter / 4),
      () => suspendFailing(pool, now(), suspendAfter),
      logger,
      'endpoints.suspend-failing',
    ),
  ];
}
