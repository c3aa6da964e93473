import type { ReplayItem } from '../../src/model/lane-store.ts';
import { insertDelivery } from './insert-deliveries.ts';
import type { MemoryTables } from './memory-tables.ts';

/** Appends deliveries to a replay's lanes of one destination. @returns how many were appended */
export function enqueueReplay(
  tables: MemoryTables,
  job: string,
  destinationId: string,
  items: readonly ReplayItem[],
): number {
  const destination = tables.destinations.get(destinationId);
  if (tables.canceledJobs.has(job) || !destination || destination.deleted) return 0;
  const present = new Set(
    tables
      .lanesOf(destinationId)
      .filter(({ replayJob }) => replayJob === job)
      .flatMap(({ deliveries }) => deliveries.map(({ eventId }) => eventId)),
  );
  let appended = 0;
  for (const { eventId, topic, lane, ...pinned } of items) {
    const event = tables.events.get(eventId);
    if (!event || event.erased || present.has(eventId)) continue;
    present.add(eventId);
    const key = { ...lane, topic, destinationId, replayJob: job };
    insertDelivery(tables, tables.lane(key), eventId, pinned);
    appended++;
  }
  return appended;
}
