import { together } from '@casewire/service';
import type { PoolClient } from 'pg';

import { cancelHeld, eraseKeys, holdEvents, lanesOfKeys } from './cancel.ts';
import { claimFrom, openAmong } from './claim.ts';
import {
  destinationName,
  holdDestinations,
  type HeldDestination,
  type WantedDestination,
} from './hold-destinations.ts';
import { createLanes, holdLanes, insertDeliveries, type DeliveryRow } from './insert-deliveries.ts';
import type { ClaimedHead, ClaimOffer, IngestBatch, Ingested } from './lane-store.ts';
import { freshEntries, storeEvents, type StoredEntry } from './store-events.ts';

interface PlacedDelivery extends DeliveryRow {
  deleted: boolean;
}

export interface IngestedTogether {
  /** What was new of each batch, in their order. */
  batches: Omit<Ingested, 'heads'>[];
  /** The destinations that were fed. */
  destinations: string[];
  /** What was claimed: read by the last statement, which is under way. */
  heads: Promise<ClaimedHead[]>;
}

/** Takes in one partition's batch, in the caller's transaction. */
export async function ingest(
  client: PoolClient,
  batch: IngestBatch,
  offer?: ClaimOffer,
): Promise<Ingested> {
  const { batches, heads } = await ingestTogether(client, [batch], offer);
  return { ...batches[0]!, heads: await heads };
}

/**
 * Takes in batches of several partitions, in the caller's transaction. In this order: the partitions' cursors, events,
 * destinations, lanes in id order in a statement of its own (so that the next one reads what this one waited for),
 * deliveries, the cursors; then, where there is an offer, a claim, which waits for nobody. Statements that need nothing of
 * each other's answers are sent together; they are carried out in the order in which they are written here.
 */
export async function ingestTogether(
  client: PoolClient,
  batches: readonly IngestBatch[],
  offer?: ClaimOffer,
): Promise<IngestedTogether> {
  const entries = batches.map(entriesOf);
  const erases = entries.flat().some(isErasing);
  const [cursors, added, held] = await together([
    holdCursors(client, batches),
    storeEvents(client, entries.flat()),
    // An erasure holds events before it holds destinations.
    erases ? undefined : holdDestinations(client, wantedBy(entries.flat())),
  ]);
  const ahead = entries.map((some, index) => {
    const cursor = cursors.get(cursorName(batches[index]!))!;
    return some.filter(({ event }) => event.offset >= cursor);
  });
  const fresh = await freshEntries(client, ahead.flat(), added);
  const erasures = Map.groupBy(fresh.filter(isErasing), ({ event }) => event.topic);
  for (const [topic, erasing] of erasures) await holdEvents(client, topic, keysOf(erasing));
  const rows = rowsOf(fresh, held ?? (await holdDestinations(client, wantedBy(fresh))));
  const fed = [...new Set(rows.map(({ destinationId }) => destinationId))];
  if (erasures.size > 0) await placeAndErase(client, rows, erasures);
  const [, , open] = await together([
    erasures.size > 0 ? undefined : place(client, rows),
    moveCursors(client, batches),
    offer && offer.slots > 0 && fed.length > 0 ? openAmong(client, offer, fed) : [],
  ]);
  const isFresh = new Set(fresh);
  return {
    batches: batches.map(({ events }, index) => {
      const some = ahead[index]!.filter((entry) => isFresh.has(entry));
      return {
        events: some.length,
        deliveries: some.reduce((sum, { deliveries }) => sum + deliveries.length, 0),
        skipped: events.length - ahead[index]!.length,
      };
    }),
    destinations: fed,
    ...(offer ? await claimFrom(client, offer, open) : { heads: Promise.resolve([]) }),
  };
}

/** Puts deliveries into their lanes; those for a destination that was deleted are canceled. */
async function place(client: PoolClient, rows: readonly PlacedDelivery[]): Promise<void> {
  if (rows.length === 0) return;
  await together([createLanes(client, rows), holdLanes(client, rows), addDeliveries(client, rows)]);
}

/** The same, and empties the lanes of what was erased before that is told. */
async function placeAndErase(
  client: PoolClient,
  rows: readonly PlacedDelivery[],
  erasures: ReadonlyMap<string, readonly StoredEntry[]>,
): Promise<void> {
  if (rows.length > 0) await createLanes(client, rows);
  const emptied: string[] = [];
  for (const [topic, erasing] of erasures)
    emptied.push(...(await lanesOf(client, topic, keysOf(erasing))));
  await holdLanes(client, rows, emptied);
  // What tells of an erasure is itself not erased: it comes into its lane after the lane was emptied.
  const telling = new Set([...erasures.values()].flat().map(({ event }) => event.id));
  await addDeliveries(
    client,
    rows.filter(({ eventId }) => !telling.has(eventId)),
  );
  for (const [topic, erasing] of erasures)
    await eraseKeys(client, topic, keysOf(erasing), [...telling]);
  await addDeliveries(
    client,
    rows.filter(({ eventId }) => telling.has(eventId)),
  );
}

async function addDeliveries(client: PoolClient, rows: readonly PlacedDelivery[]): Promise<void> {
  const gone = rows.filter(({ deleted }) => deleted);
  await together([
    rows.length > 0 && insertDeliveries(client, rows),
    gone.length > 0 && cancelHeld(client, gone),
  ]);
}

const entriesOf = ({ events, partition, registryOffset }: IngestBatch): StoredEntry[] =>
  events.map((entry) => ({ ...entry, partition, registryOffset }));

const isErasing = ({ erases, event }: StoredEntry): boolean => erases && event.key !== null;

const wantedBy = (entries: readonly StoredEntry[]): WantedDestination[] =>
  entries.flatMap(({ event, deliveries }) =>
    deliveries.map(({ destination }) => ({ ...event, destination })),
  );

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
  const [, { rows }] = await together([
    client.query({
      name: 'create-cursors',
      text: `
        insert into inbox_cursor (topic, partition, next_offset)
        select t, p, 0 from unnest($1::text[], $2::int[]) as b (t, p)
        where not exists (select from inbox_cursor c where c.topic = t and c.partition = p)
        order by t, p on conflict do nothing`,
      values,
    }),
    client.query<{ topic: string; partition: number; next_offset: string }>({
      name: 'hold-cursors',
      text: `
        select topic, partition, next_offset from inbox_cursor
        where (topic, partition) in (select * from unnest($1::text[], $2::int[]))
        order by topic, partition for update`,
      values,
    }),
  ]);
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
