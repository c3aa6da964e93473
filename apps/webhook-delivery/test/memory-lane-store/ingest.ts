import { EventRejected } from '../../src/model/incoming-event.ts';
import type { IngestBatch, IngestResult } from '../../src/model/lane-store.ts';
import { empty, eraseKeys } from './cancel.ts';
import { register } from './destinations.ts';
import { insertDelivery } from './insert-deliveries.ts';
import type { DestinationRow, MemoryTables } from './memory-tables.ts';

type Entry = IngestBatch['events'][number];

export interface IngestedAt extends Omit<IngestResult, 'heads'> {
  /** Destinations that were fed. */
  fed: Set<string>;
}

/**
 * Takes in a batch: what is below the partition's cursor, or is known by its id, adds nothing.
 * @throws EventRejected for an id that was used for another event; nothing of the batch is there then
 */
export function ingest(tables: MemoryTables, batch: IngestBatch): IngestedAt {
  const cursorName = `${batch.topic}/${batch.partition}`;
  const cursor = tables.cursors.get(cursorName) ?? 0n;
  const ahead = batch.events.filter(({ event }) => event.offset >= cursor);
  const fresh = freshOf(tables, ahead);
  for (const entry of fresh) storeEvent(tables, entry, batch);
  const placed = fresh.flatMap(({ event, lane, deliveries }) =>
    deliveries.map(({ destination, ...pinned }) => {
      const at = register(tables, destination, event.organizationId);
      const name = { ...lane, topic: event.topic, destinationId: at.id, replayJob: null };
      return { eventId: event.id, lane: tables.lane(name), at, pinned };
    }),
  );
  const erasing = fresh.filter(({ erases, event }) => erases && event.key !== null);
  // What tells of an erasure is itself not erased: it comes into its lane after the lane was emptied.
  const telling = new Set(erasing.map(({ event }) => event.id));
  const add = (added: typeof placed) => {
    for (const { lane, eventId, pinned } of added) insertDelivery(tables, lane, eventId, pinned);
    for (const { lane, at } of added) if (at.deleted) empty(tables, lane);
  };
  add(placed.filter(({ eventId }) => !telling.has(eventId)));
  for (const [topic, of] of Map.groupBy(erasing, ({ event }) => event.topic))
    eraseKeys(tables, topic, new Set(of.map(({ event }) => event.key!)), telling);
  add(placed.filter(({ eventId }) => telling.has(eventId)));
  if (batch.nextOffset > cursor) tables.cursors.set(cursorName, batch.nextOffset);
  return {
    events: fresh.length,
    deliveries: placed.length,
    skipped: batch.events.length - ahead.length,
    fed: new Set(placed.map(({ at }: { at: DestinationRow }) => at.id)),
  };
}

/** Those that are not known yet, each once, in their order. */
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
