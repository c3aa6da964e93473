import type { PoolClient } from 'pg';

import { cancelHeld, eraseKeys, holdEvents, lanesOfKeys } from './cancel.ts';
import { claimAt } from './claim.ts';
import { destinationName, holdDestinations, type HeldDestination } from './hold-destinations.ts';
import { createLanes, holdLanes, insertDeliveries, type DeliveryRow } from './insert-deliveries.ts';
import type { ClaimedHead, ClaimOffer, IngestBatch, Ingested } from './lane-store.ts';
import { storeEvents, type StoredEntry } from './store-events.ts';

interface PlacedDelivery extends DeliveryRow {
  deleted: boolean;
}

/** What came of a batch, and which destinations it fed. */
export interface IngestedAt extends Ingested {
  destinations: string[];
}

/** Takes in one partition's batch, in the caller's transaction. */
export async function ingest(
  client: PoolClient,
  batch: IngestBatch,
  offer?: ClaimOffer,
): Promise<IngestedAt> {
  const { batches, heads, destinations } = await ingestTogether(client, [batch], offer);
  return { ...batches[0]!, heads, destinations };
}

/**
 * Takes in batches of several partitions, in the caller's transaction. In this order: the partitions' cursors, events,
 * destinations, lanes in id order in a statement of its own (so that the next one reads what this one waited for),
 * deliveries, the cursors; then, where there is an offer, a claim, which waits for nobody.
 * @returns of each batch what was new, in their order; what was claimed; which destinations were fed
 */
export async function ingestTogether(
  client: PoolClient,
  batches: readonly IngestBatch[],
  offer?: ClaimOffer,
): Promise<{ batches: Omit<Ingested, 'heads'>[]; heads: ClaimedHead[]; destinations: string[] }> {
  const cursors = await holdCursors(client, batches);
  const ahead = batches.map((batch) => entriesFrom(batch, cursors.get(cursorName(batch))!));
  const fresh = await storeEvents(client, ahead.flat());
  const erasures = Map.groupBy(
    fresh.filter(({ erases, event }) => erases && event.key !== null),
    ({ event }) => event.topic,
  );
  for (const [topic, erasing] of erasures) await holdEvents(client, topic, keysOf(erasing));
  const destinations = await holdDestinations(
    client,
    fresh.flatMap(({ event, deliveries }) =>
      deliveries.map(({ destination }) => ({ ...event, destination })),
    ),
  );
  const rows = rowsOf(fresh, destinations);

  if (rows.length > 0) await createLanes(client, rows);
  const emptied: string[] = [];
  for (const [topic, erasing] of erasures)
    emptied.push(...(await lanesOf(client, topic, keysOf(erasing))));
  if (rows.length + emptied.length > 0) await holdLanes(client, rows, emptied);
  const add = async (added: PlacedDelivery[]) => {
    if (added.length > 0) await insertDeliveries(client, added);
    const gone = added.filter(({ deleted }) => deleted);
    if (gone.length > 0) await cancelHeld(client, gone);
  };
  if (erasures.size === 0) await add(rows);
  else {
    // What tells of an erasure is itself not erased: it comes into its lane after the lane was emptied.
    const telling = new Set([...erasures.values()].flat().map(({ event }) => event.id));
    await add(rows.filter(({ eventId }) => !telling.has(eventId)));
    for (const [topic, erasing] of erasures)
      await eraseKeys(client, topic, keysOf(erasing), [...telling]);
    await add(rows.filter(({ eventId }) => telling.has(eventId)));
  }
  await moveCursors(client, batches);
  const fed = [...new Set(rows.map(({ destinationId }) => destinationId))];
  const heads = offer && offer.slots > 0 && fed.length > 0 ? await claimAt(client, offer, fed) : [];
  const isFresh = new Set(fresh);
  return {
    batches: batches.map(({ events }, index) => {
      const added = ahead[index]!.filter((entry) => isFresh.has(entry));
      return {
        events: added.length,
        deliveries: added.reduce((sum, { deliveries }) => sum + deliveries.length, 0),
        skipped: events.length - ahead[index]!.length,
      };
    }),
    heads,
    destinations: fed,
  };
}

const entriesFrom = (
  { events, partition, registryOffset }: IngestBatch,
  cursor: bigint,
): StoredEntry[] =>
  events
    .filter(({ event }) => event.offset >= cursor)
    .map((entry) => ({ ...entry, partition, registryOffset }));

const keysOf = (entries: readonly StoredEntry[]): string[] =>
  entries.map(({ event }) => event.key!);

const rowsOf = (
  entries: readonly StoredEntry[],
  destinations: ReadonlyMap<string, HeldDestination>,
): PlacedDelivery[] =>
  entries.flatMap(({ event: { id: eventId, topic }, lane, deliveries }) =>
    deliveries.map(({ destination, ...pinned }) => {
      const { id: destinationId, deleted } = destinations.get(destinationName(destination))!;
      return { ...pinned, ...lane, eventId, topic, destinationId, deleted, replayJob: '0' };
    }),
  );

const cursorName = ({ topic, partition }: Pick<IngestBatch, 'topic' | 'partition'>): string =>
  `${topic}/${partition}`;

/** Holds the partitions' cursors, in their order: whoever holds several holds them so. */
async function holdCursors(
  client: PoolClient,
  batches: readonly IngestBatch[],
): Promise<Map<string, bigint>> {
  const values = [batches.map(({ topic }) => topic), batches.map(({ partition }) => partition)];
  const hold = () =>
    client.query<{ topic: string; partition: number; next_offset: string }>({
      name: 'hold-cursors',
      text: `
        select topic, partition, next_offset from inbox_cursor
        where (topic, partition) in (select * from unnest($1::text[], $2::int[]))
        order by topic, partition for update`,
      values,
    });
  let { rows } = await hold();
  if (rows.length < batches.length) {
    await client.query(
      `insert into inbox_cursor
       select t, p, 0 from unnest($1::text[], $2::int[]) as c (t, p) order by t, p on conflict do nothing`,
      values,
    );
    ({ rows } = await hold());
  }
  return new Map(rows.map((row) => [cursorName(row), BigInt(row.next_offset)]));
}

async function moveCursors(client: PoolClient, batches: readonly IngestBatch[]): Promise<void> {
  await client.query({
    name: 'move-cursors',
    text: `
      update inbox_cursor c set next_offset = greatest(c.next_offset, b.next_offset)
      from unnest($1::text[], $2::int[], $3::bigint[]) as b (topic, partition, next_offset)
      where (c.topic, c.partition) = (b.topic, b.partition)`,
    values: [
      batches.map(({ topic }) => topic),
      batches.map(({ partition }) => partition),
      batches.map(({ nextOffset }) => nextOffset),
    ],
  });
}

async function lanesOf(client: PoolClient, topic: string, keys: readonly string[]) {
  const { rows } = await client.query<{ id: string }>(lanesOfKeys('$1', '$2::text[]'), [
    topic,
    keys,
  ]);
  return rows.map(({ id }) => id);
}
