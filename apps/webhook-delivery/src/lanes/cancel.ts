import type { PoolClient } from 'pg';

import { laneColumns, type LaneRow } from './lane-row.ts';

/** Cancels what is open in the lanes of a destination. The new epoch makes whoever is sending lose their claim. */
export async function cancelDestination(client: PoolClient, destinationId: string): Promise<void> {
  await client.query('select from lane where destination_id = $1 order by id for update', [
    destinationId,
  ]);
  await client.query(
    `with emptied as (
       update lane set head = tail + 1, owner = null, epoch = epoch + 1, leased_until = '-infinity', attempts = 0
       where destination_id = $1 and head <= tail returning id
     )
     update delivery d set state = 'canceled', settled_at = now()
     from emptied e where d.lane_id = e.id and d.state = 'pending'`,
    [destinationId],
  );
}

/** Cancels what is open in lanes that the transaction holds already. */
export async function cancelHeld(client: PoolClient, lanes: readonly LaneRow[]): Promise<void> {
  await client.query(
    `with emptied as (
       update lane l set head = tail + 1, owner = null, epoch = epoch + 1, leased_until = '-infinity', attempts = 0
       from (select distinct * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[])) as h (d, t, k, f)
       where l.destination_id = h.d and l.topic = h.t and l.key = h.k and l.feature = h.f and l.head <= l.tail
       returning l.id
     )
     update delivery d set state = 'canceled', settled_at = now()
     from emptied e where d.lane_id = e.id and d.state = 'pending'`,
    laneColumns(lanes),
  );
}

/**
 * Cancels what is open for these keys of a topic, and scrubs what is stored of them. The transaction holds their lanes.
 */
export async function eraseKeys(
  client: PoolClient,
  topic: string,
  keys: readonly string[],
): Promise<void> {
  await client.query(
    `with emptied as (
       update lane set head = tail + 1, owner = null, epoch = epoch + 1, leased_until = '-infinity', attempts = 0
       where topic = $1 and key = any($2) and head <= tail returning id
     )
     update delivery d set state = 'canceled', settled_at = now()
     from emptied e where d.lane_id = e.id and d.state = 'pending'`,
    [topic, keys],
  );
  await client.query(
    `update attempt a set response_headers = null, response_body = null
     from delivery d join event e on e.id = d.event_id
     where a.delivery_id = d.id and e.topic = $1 and e.key = any($2)`,
    [topic, keys],
  );
  await client.query(
    `update delivery d set body = null from event e where e.id = d.event_id and e.topic = $1 and e.key = any($2)`,
    [topic, keys],
  );
  await client.query('update event set data = null where topic = $1 and key = any($2)', [
    topic,
    keys,
  ]);
}
