import { deleteOldResponses, type ServiceContext } from '@casewire/service';
import type { Pool } from 'pg';

import {
  createAttemptPartitions,
  dropAttemptPartitions,
} from './api/delivery-log/attempt-partitions.ts';
import type { DeliveryConfig } from './config.ts';
import { removeDeliveryEvents } from './engine/delivery-events/delivery-event-publisher.ts';
import { suspendFailing } from './engine/store/suspend-failing.ts';
import { deleteOldDeadLetters } from './intake/dead-letters/dead-letter.query.ts';
import type { TeamTopicConsumers } from './intake/team-topic-consumers.ts';
import type { LaneStore } from './model/lane-store.ts';
import { deleteOldNotifications } from './notifications/notification-retention.ts';
import type { DestinationSync } from './registry/destination-sync.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** How long rows are kept, in days. Dead letters are kept as long as the records on their topics. */
const keptDays = { deadLetters: 14, deliveryEvents: 7, notifications: 90 };

export interface Maintained {
  pool: Pool;
  store: Pick<LaneStore, 'expire'>;
  sync: DestinationSync;
  teams: readonly TeamTopicConsumers[];
}

/** Starts the periodic work of the service, until its stop. */
export function maintain(
  context: ServiceContext<DeliveryConfig>,
  { pool, store, sync, teams }: Maintained,
): void {
  const { config, now } = context;
  const daysAgo = (days: number) => new Date(now().getTime() - days * day);
  const suspendAfter = config.DELIVERY_SUSPEND_AFTER_DAYS * day;
  const eachMinute: Record<string, () => Promise<unknown>> = {
    'destinations.synchronize': () => sync.synchronize(),
    'team-topics.retry': async () => teams.forEach((consumers) => consumers.retry()),
  };
  const eachHour: Record<string, () => Promise<unknown>> = {
    'deliveries.expire': () => store.expire(daysAgo(config.DELIVERY_EXPIRE_AFTER_DAYS)),
    'attempt-partitions': () => createAttemptPartitions(pool, now()),
    'attempt-retention': () => dropAttemptPartitions(pool, now(), config.ATTEMPTS_KEEP_DAYS),
    'delivery-event-retention': () => removeDeliveryEvents(pool, daysAgo(keptDays.deliveryEvents)),
    'notification-retention': () => deleteOldNotifications(pool, daysAgo(keptDays.notifications)),
    'dead-letter-retention': () => deleteOldDeadLetters(pool, daysAgo(keptDays.deadLetters)),
    'idempotency-retention': () => deleteOldResponses(pool),
  };
  for (const [event, work] of Object.entries(eachMinute)) context.repeatEvery(minute, event, work);
  for (const [event, work] of Object.entries(eachHour)) context.repeatEvery(hour, event, work);
  // This check must run several times within the period after which it suspends.
  context.repeatEvery(Math.min(minute, suspendAfter / 4), 'endpoints.suspend-failing', () =>
    suspendFailing(pool, now(), suspendAfter),
  );
}
