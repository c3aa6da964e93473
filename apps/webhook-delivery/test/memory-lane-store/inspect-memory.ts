import type { LaneInspection } from '../lane-inspection.ts';
import { faultsOf } from './faults.ts';
import type { MemoryTables } from './memory-tables.ts';

/** Reads the memory tables for tests. */
export function inspectMemory(
  tables: MemoryTables,
  clock: { advance(ms: number): void },
): LaneInspection {
  return {
    deliveries: async () =>
      [...tables.deliveries.values()].map(({ lane, body, ...delivery }) => ({
        ...delivery,
        laneId: lane.id,
        destinationId: lane.destinationId,
        endpointId: tables.destinationOf(lane).endpointId,
        replayJob: lane.replayJob,
        scrubbed: body === null,
      })),
    attempts: async () =>
      tables.attempts
        .toSorted((a, b) => a.startedAt.getTime() - b.startedAt.getTime() || a.number - b.number)
        .map(({ requestBody, responseBody, ...attempt }) => ({
          ...attempt,
          requestBody: requestBody?.toString() ?? null,
          responseBody: responseBody?.toString() ?? null,
        })),
    lanes: async () =>
      [...tables.lanes.values()].map(({ nextAt, leaseHolder, ...lane }) => ({
        ...lane,
        leased: leaseHolder !== null,
        dueInMs: nextAt - tables.now,
      })),
    destinations: async () =>
      [...tables.destinations.values()].map(({ callback, ...row }) => {
        const host = callback && tables.hosts.get(callback.host);
        const gateUntil = Math.max(row.gateUntil, host?.gateUntil ?? -Infinity);
        return {
          ...row,
          host: callback?.host ?? null,
          callbackUrl: callback?.sealedUrl ?? null,
          failures: host?.failures ?? row.failures,
          failing: row.failingSince !== null,
          delivered: row.deliveredAt !== null,
          trips: host?.trips ?? row.trips,
          gateMs: Math.max(0, gateUntil - tables.now),
        };
      }),
    events: async () =>
      [...tables.events.values()]
        .toSorted((a, b) => a.partition - b.partition || Number(a.offset - b.offset))
        .map(
          ({ id, matched, partition, offset, subject, correlationId, callbackUrl, ...event }) => ({
            id,
            matched,
            partition,
            offset,
            subject,
            correlationId,
            callbackUrl,
            misplaced: event.misplaced,
            erased: event.erased,
          }),
        ),
    faults: async () => faultsOf(tables),
    now: async () => new Date(tables.now),
    timePasses: async (ms) => clock.advance(ms),
  };
}
