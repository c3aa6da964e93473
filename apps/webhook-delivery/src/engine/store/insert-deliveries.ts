import type { PoolClient } from 'pg';

import type { PinnedRequest } from '../../model/lane-store.ts';
import { laneArrays, laneColumns, laneNames, type LaneRow } from './lane-row.ts';

export interface DeliveryRow extends LaneRow, PinnedRequest {
  eventId: string;
}

// `limit 1` keeps the planner from turning this lookup into a join: with statistics of an empty table it would scan all lanes for
// each row.
const laneOf = (row: string): string => `
  select id, tail from lane where (topic, key, destination_id, feature, replay_job)
    = (${row}.topic, ${row}.key, ${row}.destination_id, ${row}.feature, ${row}.replay_job) limit 1`;

/** Creates the lanes that do not exist yet. */
export async function createLanes(client: PoolClient, rows: readonly LaneRow[]): Promise<void> {
  await client.query({
    name: 'create-lanes',
    text: `
      insert into lane (${laneNames})
      select distinct l.* from unnest(${laneArrays}) as l (${laneNames})
      where not exists (select from lane k where (k.topic, k.key, k.destination_id, k.feature, k.replay_job)
        = (l.topic, l.key, l.destination_id, l.feature, l.replay_job))
      order by ${laneNames}
      on conflict do nothing`,
    values: laneColumns(rows),
  });
}

/**
 * Locks every lane that the transaction changes, in one statement and by id.
 * @param more ids of further lanes
 */
export async function lockLanes(
  client: PoolClient,
  rows: readonly LaneRow[],
  more: readonly string[] = [],
): Promise<void> {
  await client.query({
    name: 'lock-lanes',
    text: `
      select from lane
      where id = any(array(
        select k.id
        from unnest(${laneArrays}) as l (${laneNames})
        cross join lateral (${laneOf('l')}) k
        union all
        select unnest($6::bigint[])))
      order by id for update`,
    values: [...laneColumns(rows), more],
  });
}

/** Appends deliveries to their lanes, in the given order. The transaction has locked the lanes. */
export async function insertDeliveries(
  client: PoolClient,
  rows: readonly DeliveryRow[],
): Promise<void> {
  await client.query({
    name: 'insert-deliveries',
    text: `
      with incoming as (
        select l.id as lane_id, l.tail, i.*,
          row_number() over (partition by l.id order by i.n) as place
        from unnest(${laneArrays}, $6::uuid[], $7::text[], $8::int[], $9::jsonb[], $10::bytea[], $11::text[])
          with ordinality as i (${laneNames}, event_id, dialect, version, headers, body, fault, n)
        cross join lateral (${laneOf('i')}) l
      ),
      stored as (
        insert into delivery (lane_id, seq, destination_id, event_id, replay_job, dialect, version, headers, body, fault)
        select lane_id, tail + place, destination_id, event_id, replay_job, dialect, version, headers, body, fault
        from incoming order by n
        returning lane_id
      )
      update lane l
      set tail = l.tail + s.n,
        next_at = case when l.head > l.tail then now() else l.next_at end
      from (select lane_id, count(*) as n from stored group by lane_id) s
      where l.id = s.lane_id and l.id = any(array(select lane_id from incoming))`,
    values: [
      ...laneColumns(rows),
      rows.map(({ eventId }) => eventId),
      rows.map(({ dialect }) => dialect),
      rows.map(({ version }) => version),
      rows.map(({ headers }) => JSON.stringify(headers)),
      rows.map(({ body }) => body),
      rows.map(({ fault }) => fault),
    ],
  });
}
