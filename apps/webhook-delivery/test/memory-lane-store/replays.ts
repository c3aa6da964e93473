import type { ReplayItem } from '../../src/model/lane-store.ts';
import { insertDelivery } from './insert-deliveries.ts';
import type { MemoryTables } from './memory-tables.ts';

/** Puts deliveries into a job's lanes of one destination. @returns how many were put */
export function enqueueReplay(
  tables: MemoryTables,
  job: string,
  destinationId: string,
  items: readonly ReplayItem[],
): number {
  const destination = tables.destinations.get(destinationId);
  if (tables.canceledJobs.has(job) || !destination || destination.deleted) return 0;
  const there = new Set(
    tables
      .lanesOf(destinationId)
      .filter(({ replayJob }) => replayJob === job)
      .flatMap(({ deliveries }) => deliveries.map(({ eventId }) => eventId)),
  );
  let put = 0;
  for (const { eventId, topic, lane, ...pinned } of items) {
    const event = tables.events.get(eventId);
    if (!event || event.erased || there.has(eventId)) continue;
    there.add(eventId);
    const name = { ...lane, topic, destinationId, replayJob: job };
    insertDelivery(tables, tables.lane(name), eventId, pinned);
    put++;
  }
  return put;
}
