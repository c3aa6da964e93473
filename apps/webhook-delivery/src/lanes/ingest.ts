import type { PoolClient } from 'pg';

import { cancelHeld, eraseKeys, lanesOfKeys } from './cancel.ts';
import { holdDestinations, type HeldDestination } from './hold-destinations.ts';
import { laneColumns, type LaneRow } from './lane-row.ts';
import type { IngestBatch, Ingested } from './lane-store.ts';
import { storeEvents } from './store-events.ts';

type Entry = IngestBatch['events'][number];

interface DeliveryRow extends LaneRow {
  eventId: string;
  dialect: string;
  headers: object;
  body: Buffer;
  deleted: boolean;
}

/**
 * Takes in one partition's batch, in the caller's transaction. In this order: the partition's cursor, events,
 * destinations, lanes in id order in a statement of its own (so that the next one reads what this one waited for),
 * deliveries, the cursor.
 */
export async function ingest(client: PoolClient, batch: IngestBatch): Promise<Ingested> {
  const { topic, partition } = batch;
  const cursor = await holdCursor(client, batch);
  const ahead = batch.events.filter(({ event }) => event.offset >= cursor);
  const fresh = await storeEvents(client, batch.registryOffset, ahead);
  const endpoints = fresh.flatMap(({ deliveries }) => deliveries.map(({ endpoint }) => endpoint));
  const destinations = await holdDestinations(client, endpoints);
  const erasing = fresh.filter(({ erases, event }) => erases && event.key !== null);
  const erased = erasing.map(({ event }) => event.key!);
  const rows = rowsOf(fresh, destinations);

  if (rows.length > 0) await createLanes(client, rows);
  if (rows.length + erased.length > 0) await holdLanes(client, rows, topic, erased);
  const add = async (added: DeliveryRow[]) => {
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
  await client.query(
    'update inbox_cursor set next_offset = greatest(next_offset, $3) where topic = $1 and partition = $2',
    [topic, partition, batch.nextOffset],
  );
  const skipped = batch.events.length - ahead.length;
  return { events: fresh.length, deliveries: rows.length, skipped };
}

const rowsOf = (
  entries: readonly Entry[],
  destinations: ReadonlyMap<string, HeldDestination>,
): DeliveryRow[] =>
  entries.flatMap(({ event: { topic }, lane, deliveries }) =>
    deliveries.map(({ endpoint, ...pinned }) => {
      const { id: destinationId, deleted } = destinations.get(endpoint.id)!;
      return { ...pinned, ...lane, topic, destinationId, deleted };
    }),
  );

async function holdCursor(client: PoolClient, { topic, partition }: IngestBatch): Promise<bigint> {
  await client.query('insert into inbox_cursor values ($1, $2, 0) on conflict do nothing', [
    topic,
    partition,
  ]);
  const { rows } = await client.query<{ next_offset: string }>(
    'select next_offset from inbox_cursor where topic = $1 and partition = $2 for update',
    [topic, partition],
  );
  return BigInt(rows[0]!.next_offset);
}

async function createLanes(client: PoolClient, rows: readonly LaneRow[]): Promise<void> {
  await client.query({
    name: 'create-lanes',
    text: `
      insert into lane (destination_id, topic, key, feature)
      select distinct * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[]) as l (d, t, k, f)
      order by d, t, k, f
      on conflict do nothing`,
    values: laneColumns(rows),
  });
}

/** Every lane that this batch will touch, held at once and in id order: whoever holds several holds them so. */
async function holdLanes(
  client: PoolClient,
  rows: readonly LaneRow[],
  topic: string,
  erased: readonly string[],
): Promise<void> {
  await client.query({
    name: 'hold-lanes',
    text: `
      select from lane
      where id in (
        select id from lane join unnest($1::bigint[], $2::text[], $3::text[], $4::text[])
          as l (destination_id, topic, key, feature) using (destination_id, topic, key, feature)
        union all
        select unnest($5::bigint[]))
      order by id for update`,
    values: [...laneColumns(rows), erased.length > 0 ? await lanesOf(client, topic, erased) : []],
  });
}

async function lanesOf(client: PoolClient, topic: string, keys: readonly string[]) {
  const { rows } = await client.query<{ id: string }>(lanesOfKeys('$1', '$2::text[]'), [
    topic,
    keys,
  ]);
  return rows.map(({ id }) => id);
}

async function insertDeliveries(client: PoolClient, rows: readonly DeliveryRow[]): Promise<void> {
  await client.query({
    name: 'insert-deliveries',
    text: `
      with incoming as (
        select l.id as lane_id, l.tail, i.*,
          row_number() over (partition by l.id order by i.n) as place
        from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::uuid[], $6::text[], $7::jsonb[], $8::bytea[])
          with ordinality as i (destination_id, topic, key, feature, event_id, dialect, headers, body, n)
        join lane l using (destination_id, topic, key, feature)
      ),
      stored as (
        insert into delivery (lane_id, seq, destination_id, event_id, dialect, headers, body)
        select lane_id, tail + place, destination_id, event_id, dialect, headers, body from incoming order by n
        returning lane_id
      )
      update lane l
      set tail = l.tail + s.n,
        next_at = case when l.head > l.tail then now() else l.next_at end
      from (select lane_id, count(*) as n from stored group by lane_id) s
      where l.id = s.lane_id`,
    values: [
      ...laneColumns(rows),
      rows.map(({ eventId }) => eventId),
      rows.map(({ dialect }) => dialect),
      rows.map(({ headers }) => JSON.stringify(headers)),
      rows.map(({ body }) => body),
    ],
  });
}
