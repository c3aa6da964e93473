import type { PoolClient } from 'pg';

import { laneColumns, type LaneRow } from './lane-row.ts';

// Without its owner, and in a new epoch, the claim of whoever is sending is lost: an answer that comes now changes nothing.
const emptied = `head = tail + 1, owner = null, epoch = epoch + 1, leased_until = '-infinity', attempts = 0`;
const cancelEmptied = `
  update delivery d set state = 'canceled', settled_at = now()
  from emptied e where d.lane_id = e.id and d.state = 'pending'`;

/** Cancels what is open in the lanes of a destination, which the transaction holds: no batch can add to them. */
export async function cancelDestination(client: PoolClient, destinationId: string): Promise<void> {
  await client.query(
    'select from lane where destination_id = $1 and head <= tail order by id for update',
    [destinationId],
  );
  await client.query(
    `with emptied as (
       update lane set ${emptied} where destination_id = $1 and head <= tail returning id
     ) ${cancelEmptied}`,
    [destinationId],
  );
}

/** Cancels what is open in lanes that the transaction holds already. */
export async function cancelHeld(client: PoolClient, lanes: readonly LaneRow[]): Promise<void> {
  await client.query(
    `with emptied as (
       update lane l set ${emptied}
       from (select distinct * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[])) as h (d, t, k, f)
       where l.destination_id = h.d and l.topic = h.t and l.key = h.k and l.feature = h.f and l.head <= l.tail
       returning l.id
     ) ${cancelEmptied}`,
    laneColumns(lanes),
  );
}

/**
 * Lanes of these keys ($1 the topic, $2 the keys): those that are named after a key, and those of events that have no
 * order, where something is open.
 */
export const lanesOfKeys = (topic: string, keys: string): string => `
  select id from lane where topic = ${topic} and key = any(${keys})
  union all
  select d.lane_id from event e join delivery d on d.event_id = e.id
  where e.topic = ${topic} and e.key = any(${keys}) and d.state = 'pending'`;

/**
 * Cancels what is open for these keys of a topic, and scrubs what is stored of them but for the events that say so. The
 * transaction holds their lanes.
 */
export async function eraseKeys(
  client: PoolClient,
  topic: string,
  keys: readonly string[],
  erasing: readonly string[],
): Promise<void> {
  await client.query(
    `with emptied as (
       update lane set ${emptied}
       where id in (${lanesOfKeys('$1', '$2::text[]')}) and head <= tail
       returning id
     ) ${cancelEmptied}`,
    [topic, keys],
  );
  await client.query(
    `update attempt a set response_headers = null, response_body = null
     from delivery d join event e on e.id = d.event_id
     where a.delivery_id = d.id and e.topic = $1 and e.key = any($2)`,
    [topic, keys],
  );
  await client.query(
    `update delivery d set body = null from event e
     where e.id = d.event_id and e.topic = $1 and e.key = any($2) and d.body is not null`,
    [topic, keys],
  );
  await client.query(
    'update event set data = null where topic = $1 and key = any($2) and id <> all($3::uuid[])',
    [topic, keys, erasing],
  );
}
