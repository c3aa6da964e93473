import type { MemoryTables } from '../memory-lane-store/memory-tables.ts';

/** The earliest time at which a lane can be claimed, which may be now; null if no lane waits for its time. */
export function nextClaimTime(tables: MemoryTables): number | null {
  let next = Infinity;
  for (const lane of tables.lanes.values()) {
    const { enabled, deleted, suspendedAt, gateUntil } = tables.destinationOf(lane);
    if (!enabled || deleted || suspendedAt !== null || lane.blocked || lane.head > lane.tail)
      continue;
    next = Math.min(next, Math.max(lane.nextAt, lane.leasedUntil, gateUntil));
  }
  return next === Infinity ? null : Math.max(next, tables.now);
}
