import { EventRejected } from '../../src/model/incoming-event.ts';
import type { IngestBatch, IngestResult } from '../../src/model/lane-store.ts';
import { empty, eraseKeys } from './cancel.ts';
import { register } from './destinations.ts';
import { insertDelivery } from './insert-deliveries.ts';
import type { DestinationRow, MemoryTables } from './memory-tables.ts';

type Entry = IngestBatch['events'][number];

export interface IngestedBatch extends Omit<IngestResult, 'heads'> {
  /** The destinations of the new deliveries. */
  destinationIds: Set<string>;
}

/**
 * Ingests a batch: records below the partition's cursor and known events add nothing.
 * @throws EventRejected if an id was used for another event; nothing of the batch is stored then
 */
export function ingest(tables: MemoryTables, batch: IngestBatch): IngestedBatch {
  const cursorKey = `${batch.topic}/${batch.partition}`;
  const cursor = tables.cursors.get(cursorKey) ?? 0n;
  const ahead = batch.events.filter(({ event }) => event.offset >= cursor);
  const fresh = freshOf(tables, ahead);
  for (const entry of fresh) storeEvent(tables, entry, batch);
  const enqueued = fresh.flatMap(({ event, lane, deliveries }) =>
    deliveries.map(({ destination, ...pinned }) => {
      const at = register(tables, destination, event.organizationId);
      const key = { ...lane, topic: event.topic, destinationId: at.id, replayJob: null };
      return { eventId: event.id, lane: tables.lane(key), at, pinned };
    }),
  );
  const erasing = fresh.filter(({ erases, event }) => erases && event.key !== null);
  // A `case.erased` event is not erased itself: it is appended after its lane was emptied.
  const announcing = new Set(erasing.map(({ event }) => event.id));
  const add = (added: typeof enqueued) => {
    for (const { lane, eventId, pinned } of added) insertDelivery(tables, lane, eventId, pinned);
    for (const { lane, at } of added) if (at.deleted) empty(tables, lane);
  };
  add(enqueued.filter(({ eventId }) => !announcing.has(eventId)));
  for (const [topic, of] of Map.groupBy(erasing, ({ event }) => event.topic))
    eraseKeys(tables, topic, new Set(of.map(({ event }) => event.key!)), announcing);
  add(enqueued.filter(({ eventId }) => announcing.has(eventId)));
  if (batch.nextOffset > cursor) tables.cursors.set(cursorKey, batch.nextOffset);
  return {
    events: fresh.length,
    deliveries: enqueued.length,
    skipped: batch.events.length - ahead.length,
    destinationIds: new Set(enqueued.map(({ at }: { at: DestinationRow }) => at.id)),
  };
}

/** The new events, each once, in their order. */
function freshOf(tables: MemoryTables, entries: readonly Entry[]): Entry[] {
  const first = new Map<string, Entry>();
  for (const entry of entries) {
    const { id, digest } = entry.event;
    const known = first.get(id)?.event ?? tables.events.get(id);
    if (known && !known.digest.equals(digest))
      throw new EventRejected(
        'EVENT_ID_REUSED',
        `the id of event ${id} was used for another event`,
      );
    if (!first.has(id)) first.set(id, entry);
  }
  return [...first.values()].filter(({ event }) => !tables.events.has(event.id));
}

function storeEvent(
  tables: MemoryTables,
  { event, deliveries, callbackUrl, misplaced }: Entry,
  { partition, registryOffset }: IngestBatch,
): void {
  const { id, topic, key, type, organizationId, traceparent } = event;
  const { subject, correlationId, digest, offset } = event;
  tables.events.set(id, {
    id,
    topic,
    key,
    type,
    organizationId,
    traceparent,
    subject,
    correlationId,
    callbackUrl,
    digest,
    misplaced,
    partition,
    offset,
    registryOffset,
    matched: deliveries.length,
    erased: false,
  });
}
