import type { PinnedRequest } from '../../src/model/lane-store.ts';
import type { LaneRow, MemoryTables } from './memory-tables.ts';

/** Appends a delivery to its lane. */
export function insertDelivery(
  tables: MemoryTables,
  lane: LaneRow,
  eventId: string,
  { dialect, version, headers, body, fault }: PinnedRequest,
): void {
  if (lane.head > lane.tail) lane.nextAt = tables.now;
  lane.tail++;
  const delivery = {
    dialect,
    version,
    headers,
    body,
    fault,
    eventId,
    lane,
    id: tables.nextId(),
    seq: lane.tail,
    state: 'pending' as const,
    attempts: 0,
    lastStatus: null,
    lastError: null,
    createdAt: tables.now,
    settledAt: null,
  };
  lane.deliveries.push(delivery);
  tables.deliveries.set(delivery.id, delivery);
}
