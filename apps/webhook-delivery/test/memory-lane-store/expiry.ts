import { isOpen } from './cancel.ts';
import { never, type DestinationRow, type LaneRow, type MemoryTables } from './memory-tables.ts';

/**
 * Expires old deliveries of destinations that have been closed as long. A leased lane is left for the next run.
 * @returns how many expired
 */
export function expire(tables: MemoryTables, olderThan: number): number {
  let expired = 0;
  for (const destination of tables.destinations.values()) {
    if (!isClosedSince(destination, olderThan)) continue;
    for (const lane of tables.lanesOf(destination.id))
      if (isOpen(lane) && lane.leasedUntil <= tables.now)
        expired += expireIn(tables, lane, olderThan);
  }
  return expired;
}

const isClosedSince = (
  { deleted, enabled, disabledAt, suspendedAt }: DestinationRow,
  olderThan: number,
): boolean =>
  !deleted &&
  ((!enabled && disabledAt !== null && disabledAt < olderThan) ||
    (suspendedAt !== null && suspendedAt < olderThan));

function expireIn(tables: MemoryTables, lane: LaneRow, olderThan: number): number {
  const open = lane.deliveries.slice(lane.head - 1);
  const firstYoung = open.findIndex(({ createdAt }) => createdAt >= olderThan);
  const old = firstYoung < 0 ? open : open.slice(0, firstYoung);
  if (old.length === 0) return 0;
  for (const delivery of old) {
    delivery.state = 'expired';
    delivery.settledAt = tables.now;
    tables.undelivered.add(delivery.id);
  }
  lane.head += old.length;
  lane.gap += old.length;
  lane.attempts = 0;
  lane.blocked = false;
  lane.nextAt = tables.now;
  lane.leaseHolder = null;
  lane.leasedUntil = never;
  return old.length;
}
