import { errorCodeOf } from '../../src/model/error-code.ts';
import type { DestinationRow, LaneRow, MemoryTables } from './memory-tables.ts';
import { never } from './memory-tables.ts';

export const isOpen = ({ head, tail }: LaneRow): boolean => head <= tail;

/** Cancels the open deliveries of a lane and ends its lease. @returns how many were canceled */
export function empty(tables: MemoryTables, lane: LaneRow): number {
  if (!isOpen(lane)) return 0;
  const open = lane.deliveries.slice(lane.head - 1);
  for (const delivery of open) {
    delivery.state = 'canceled';
    delivery.settledAt = tables.now;
  }
  lane.gap += lane.tail - lane.head + 1;
  lane.head = lane.tail + 1;
  lane.leaseHolder = null;
  lane.epoch++;
  lane.leasedUntil = never;
  lane.attempts = 0;
  lane.blocked = false;
  return open.length;
}

export function cancelDestination(tables: MemoryTables, { id }: DestinationRow): void {
  for (const lane of tables.lanesOf(id)) empty(tables, lane);
}

export function cancelReplay(tables: MemoryTables, job: string): number {
  tables.canceledJobs.add(job);
  let canceled = 0;
  for (const lane of tables.lanes.values())
    if (lane.replayJob === job) canceled += empty(tables, lane);
  return canceled;
}

/**
 * Cancels the open deliveries of these keys and removes their stored data.
 * @param announcing ids of the events that announce the erasure; their own data remains
 */
export function eraseKeys(
  tables: MemoryTables,
  topic: string,
  keys: ReadonlySet<string>,
  announcing: ReadonlySet<string>,
): void {
  const isErased = (of: { topic: string; key: string | null }) =>
    of.topic === topic && of.key !== null && keys.has(of.key);
  const erased = [...tables.events.values()].filter(isErased);
  const ids = new Set(erased.map(({ id }) => id));
  const deliveries = [...tables.deliveries.values()].filter(({ eventId }) => ids.has(eventId));
  // Unordered events have lanes of their own, which do not have the key.
  const unordered = deliveries.filter(({ state }) => state === 'pending').map(({ lane }) => lane);
  for (const lane of new Set([...[...tables.lanes.values()].filter(isErased), ...unordered]))
    empty(tables, lane);
  const scrubbed = new Set(deliveries.map(({ id }) => id));
  for (const attempt of tables.attempts) {
    if (!scrubbed.has(attempt.deliveryId)) continue;
    attempt.requestBody = null;
    attempt.responseHeaders = null;
    attempt.responseBody = null;
    attempt.error = errorCodeOf(attempt.error);
  }
  for (const delivery of deliveries) {
    delivery.body = null;
    delivery.lastError = errorCodeOf(delivery.lastError);
    const {
      'x-correlation-id': _id,
      'ce-correlationid': _attribute,
      ...headers
    } = delivery.headers;
    delivery.headers = headers;
  }
  for (const event of erased) {
    if (announcing.has(event.id)) continue;
    event.erased = true;
    event.callbackUrl = null;
    event.correlationId = null;
  }
  eraseCallbacks(tables, new Set(deliveries.map(({ lane }) => lane.destinationId)), (eventId) =>
    ids.has(eventId),
  );
}

/** Removes callback URLs that only received erased events. */
function eraseCallbacks(
  tables: MemoryTables,
  destinations: ReadonlySet<string>,
  isErased: (eventId: string) => boolean,
): void {
  for (const id of destinations) {
    const { callback } = tables.destinations.get(id)!;
    const all = tables.lanesOf(id).flatMap(({ deliveries }) => deliveries);
    if (callback && all.every(({ eventId }) => isErased(eventId))) callback.sealedUrl = null;
  }
}
