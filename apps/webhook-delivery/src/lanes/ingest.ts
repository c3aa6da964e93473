import type { PoolClient } from 'pg';

import { cancelHeld, eraseKeys, holdEvents, lanesOfKeys } from './cancel.ts';
import { claimAt } from './claim.ts';
import { destinationName, holdDestinations, type HeldDestination } from './hold-destinations.ts';
import { createLanes, holdLanes, insertDeliveries, type DeliveryRow } from './insert-deliveries.ts';
import type { ClaimOffer, IngestBatch, Ingested } from './lane-store.ts';
import { storeEvents } from './store-events.ts';

type Entry = IngestBatch['events'][number];

interface PlacedDelivery extends DeliveryRow {
  deleted: boolean;
}

/**
 * Takes in one partition's batch, in the caller's transaction. In this order: the partition's cursor, events,
 * destinations, lanes in id order in a statement of its own (so that the next one reads what this one waited for),
 * deliveries, the cursor; then, where there is an offer, a claim, which waits for nobody.
 */
export async function ingest(
  client: PoolClient,
  batch: IngestBatch,
  offer?: ClaimOffer,
): Promise<Ingested & { destinations: string[] }> {
  const { topic, partition } = batch;
  const cursor = await holdCursor(client, batch);
  const ahead = batch.events.filter(({ event }) => event.offset >= cursor);
  const fresh = await storeEvents(client, batch, ahead);
  const erasing = fresh.filter(({ erases, event }) => erases && event.key !== null);
  const erased = erasing.map(({ event }) => event.key!);
  if (erased.length > 0) await holdEvents(client, topic, erased);
  const destinations = await holdDestinations(
    client,
    fresh.flatMap(({ event, deliveries }) =>
      deliveries.map(({ destination }) => ({ ...event, destination })),
    ),
  );
  const rows = rowsOf(fresh, destinations);

  if (rows.length > 0) await createLanes(client, rows);
  if (rows.length + erased.length > 0)
    await holdLanes(client, rows, erased.length > 0 ? await lanesOf(client, topic, erased) : []);
  const add = async (added: PlacedDelivery[]) => {
    if (added.length > 0) await insertDeliveries(client, added);
    const gone = added.filter(({ deleted }) => deleted);
    if (gone.length > 0) await cancelHeld(client, gone);
  };
  if (erased.length === 0) await add(rows);
  else {
    // What tells of an erasure is itself not erased: it comes into its lane after the lane was emptied.
    const telling = new Set(erasing.map(({ event }) => event.id));
    await add(rows.filter(({ eventId }) => !telling.has(eventId)));
    await eraseKeys(client, topic, erased, [...telling]);
    await add(rows.filter(({ eventId }) => telling.has(eventId)));
  }
  await client.query({
    name: 'move-cursor',
    text: 'update inbox_cursor set next_offset = greatest(next_offset, $3) where topic = $1 and partition = $2',
    values: [topic, partition, batch.nextOffset],
  });
  const fed = [...new Set(rows.map(({ destinationId }) => destinationId))];
  const heads = offer && offer.slots > 0 && fed.length > 0 ? await claimAt(client, offer, fed) : [];
  const skipped = batch.events.length - ahead.length;
  return { events: fresh.length, deliveries: rows.length, skipped, heads, destinations: fed };
}

const rowsOf = (
  entries: readonly Entry[],
  destinations: ReadonlyMap<string, HeldDestination>,
): PlacedDelivery[] =>
  entries.flatMap(({ event: { id: eventId, topic }, lane, deliveries }) =>
    deliveries.map(({ destination, ...pinned }) => {
      const { id: destinationId, deleted } = destinations.get(destinationName(destination))!;
      return { ...pinned, ...lane, eventId, topic, destinationId, deleted, replayJob: '0' };
    }),
  );

async function holdCursor(client: PoolClient, { topic, partition }: IngestBatch): Promise<bigint> {
  const hold = () =>
    client.query<{ next_offset: string }>({
      name: 'hold-cursor',
      text: 'select next_offset from inbox_cursor where topic = $1 and partition = $2 for update',
      values: [topic, partition],
    });
  let { rows } = await hold();
  if (rows.length === 0) {
    await client.query('insert into inbox_cursor values ($1, $2, 0) on conflict do nothing', [
      topic,
      partition,
    ]);
    ({ rows } = await hold());
  }
  return BigInt(rows[0]!.next_offset);
}

async function lanesOf(client: PoolClient, topic: string, keys: readonly string[]) {
  const { rows } = await client.query<{ id: string }>(lanesOfKeys('$1', '$2::text[]'), [
    topic,
    keys,
  ]);
  return rows.map(({ id }) => id);
}
