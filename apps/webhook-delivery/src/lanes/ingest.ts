import type { Endpoint } from '@casewire/contracts';
import type { PoolClient } from 'pg';

import { EventRejected } from '../inbox/incoming-event.ts';
import { cancelHeld, eraseKeys } from './cancel.ts';
import { laneColumns, type LaneRow } from './lane-row.ts';
import type { IngestBatch, Ingested } from './lane-store.ts';

/**
 * Takes in one partition's batch, in the caller's transaction. In this order: the partition's cursor, events,
 * destinations, lanes in id order in a statement of its own (so that the next one reads what this one waited for),
 * deliveries, the cursor.
 */
export async function ingest(client: PoolClient, batch: IngestBatch): Promise<Ingested> {
  const cursor = await holdCursor(client, batch);
  const fresh = batch.events.filter(({ event }) => event.offset >= cursor);
  const stored = await storeEvents(client, batch, fresh);
  const matched = fresh.filter(({ event }) => stored.has(event.id) && stored.delete(event.id));
  const rows = matched.flatMap(({ event, lane, deliveries }) =>
    deliveries.map((delivery) => ({ topic: event.topic, ...lane, ...delivery })),
  );
  const destinations = await holdDestinations(client, rows);
  const lanes = rows.map((row) => ({
    ...row,
    destinationId: destinations.get(row.endpoint.id)!.id,
  }));
  if (lanes.length > 0) await createLanes(client, lanes);
  await holdLanes(client, lanes, batch);
  if (lanes.length > 0) await insertDeliveries(client, lanes);
  const gone = lanes.filter(({ endpoint }) => destinations.get(endpoint.id)!.deleted);
  if (gone.length > 0) await cancelHeld(client, gone);
  if (batch.erased.length > 0) await eraseKeys(client, batch.topic, batch.erased);
  await client.query(
    'update inbox_cursor set next_offset = greatest(next_offset, $3) where topic = $1 and partition = $2',
    [batch.topic, batch.partition, batch.nextOffset],
  );
  return { events: matched.length, deliveries: rows.length };
}

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

/** @returns the ids of the events that are new */
async function storeEvents(
  client: PoolClient,
  { registryOffset }: IngestBatch,
  entries: IngestBatch['events'],
): Promise<Set<string>> {
  if (entries.length === 0) return new Set();
  const events = entries.map(({ event }) => event);
  const { rows } = await client.query<{ id: string }>({
    name: 'store-events',
    text: `
      insert into event (id, topic, key, type, version, organization_id, environment, feature, occurred_at, data,
        digest, traceparent, matched, registry_offset)
      select *, $14 from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::uuid[], $7::text[],
        $8::text[], $9::timestamptz[], $10::jsonb[], $11::bytea[], $12::text[], $13::int[])
      on conflict (id) do nothing returning id`,
    values: [
      events.map(({ id }) => id),
      events.map(({ topic }) => topic),
      events.map(({ key }) => key),
      events.map(({ type }) => type),
      events.map(({ version }) => version),
      events.map(({ organizationId }) => organizationId),
      events.map(({ environment }) => environment),
      events.map(({ feature }) => feature ?? ''),
      events.map(({ occurredAt }) => occurredAt),
      events.map(({ data }) => JSON.stringify(data)),
      events.map(({ digest }) => digest),
      events.map(({ traceparent }) => traceparent),
      entries.map(({ deliveries }) => deliveries.length),
      registryOffset,
    ],
  });
  const fresh = new Set(rows.map(({ id }) => id));
  const repeated = events.filter(({ id }) => !fresh.has(id));
  if (repeated.length > 0) await checkRepetitions(client, repeated);
  return fresh;
}

/** @throws EventRejected for an id that was used for another event */
async function checkRepetitions(
  client: PoolClient,
  repeated: { id: string; digest: Buffer }[],
): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `select e.id from event e join unnest($1::uuid[], $2::bytea[]) as r (id, digest) on r.id = e.id
     where e.digest <> r.digest limit 1`,
    [repeated.map(({ id }) => id), repeated.map(({ digest }) => digest)],
  );
  if (rows[0])
    throw new EventRejected(
      'EVENT_ID_REUSED',
      `the id of event ${rows[0].id} was used for another event`,
    );
}

interface HeldDestination {
  id: string;
  deleted: boolean;
}

/** Shared with other batches, not with a deletion: a destination that is there stays until this batch is in its lanes. */
async function holdDestinations(
  client: PoolClient,
  rows: readonly { endpoint: Endpoint }[],
): Promise<Map<string, HeldDestination>> {
  const wanted = new Map(rows.map(({ endpoint }) => [endpoint.id, endpoint]));
  if (wanted.size === 0) return new Map();
  for (const id of [...wanted.keys()].toSorted()) {
    await client.query(
      `insert into destination (endpoint_id, organization_id, environment, enabled, revision)
       values ($1, $2, $3, $4, $5) on conflict (endpoint_id) do nothing`,
      [
        id,
        wanted.get(id)!.organizationId,
        wanted.get(id)!.environment,
        wanted.get(id)!.enabled,
        wanted.get(id)!.revision,
      ],
    );
  }
  const held = await client.query<HeldDestination & { endpoint_id: string }>(
    'select id, endpoint_id, deleted from destination where endpoint_id = any($1) order by id for key share',
    [[...wanted.keys()]],
  );
  return new Map(held.rows.map((row) => [row.endpoint_id, row]));
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
  { topic, erased }: IngestBatch,
): Promise<void> {
  await client.query({
    name: 'hold-lanes',
    text: `
      select from lane
      where id in (
        select id from lane join unnest($1::bigint[], $2::text[], $3::text[], $4::text[])
          as l (destination_id, topic, key, feature) using (destination_id, topic, key, feature)
        union all
        select id from lane where topic = $5 and key = any($6::text[]))
      order by id for update`,
    values: [...laneColumns(rows), topic, erased],
  });
}

async function insertDeliveries(
  client: PoolClient,
  rows: readonly (LaneRow & { eventId: string; dialect: string; headers: object; body: Buffer })[],
): Promise<void> {
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
