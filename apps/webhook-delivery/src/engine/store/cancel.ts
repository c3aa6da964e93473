import type { PoolClient } from 'pg';

import { laneArrays, laneColumns, laneNames, openLanesOf, type LaneRow } from './lane-row.ts';

// Without its lease holder, and in a new epoch, the claim of whoever is sending is lost: an answer that comes now changes nothing.
// What comes into the lane later says how many before it never came.
const emptied = `head = tail + 1, lease_holder = null, epoch = epoch + 1, leased_until = '-infinity', attempts = 0, blocked = false,
  gap = gap + (tail - head + 1)::int`;
const cancelEmptied = `
  update delivery d set state = 'canceled', settled_at = now()
  from emptied e where d.lane_id = e.id and d.state = 'pending'`;

/** Cancels what is open in the lanes of a destination, which the transaction holds: no batch can add to them. */
export async function cancelDestination(client: PoolClient, destinationId: string): Promise<void> {
  await client.query(`select from lane where id in (${openLanesOf('$1')}) order by id for update`, [
    destinationId,
  ]);
  await client.query(
    `with emptied as (
       update lane set ${emptied} where id in (${openLanesOf('$1')}) returning id
     ) ${cancelEmptied}`,
    [destinationId],
  );
}

/**
 * Cancels a replay and what is open in its lanes. Whoever puts something into them holds the job's row, so that nothing
 * comes after this. @returns how many were canceled
 */
export async function cancelReplay(client: PoolClient, job: string): Promise<number> {
  await client.query(
    `update replay_job set state = 'canceled', finished_at = now() where id = $1 and state = 'running'`,
    [job],
  );
  await client.query(
    'select from lane where replay_job = $1 and replay_job > 0 and head <= tail order by id for update',
    [job],
  );
  const { rowCount } = await client.query(
    `with emptied as (
       update lane set ${emptied} where replay_job = $1 and replay_job > 0 and head <= tail returning id
     ) ${cancelEmptied}`,
    [job],
  );
  return rowCount ?? 0;
}

/** Cancels what is open in lanes that the transaction holds already. */
export async function cancelLocked(client: PoolClient, lanes: readonly LaneRow[]): Promise<void> {
  await client.query(
    `with emptied as (
       update lane l set ${emptied}
       from (select distinct * from unnest(${laneArrays})) as h (${laneNames})
       where (l.topic, l.key, l.destination_id, l.feature, l.replay_job)
         = (h.topic, h.key, h.destination_id, h.feature, h.replay_job) and l.head <= l.tail
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

/** Events that are about to be erased, locked against replays of them: in id order, and before any destination or lane. */
export async function lockEvents(
  client: PoolClient,
  topic: string,
  keys: readonly string[],
): Promise<void> {
  await client.query(
    'select from event where topic = $1 and key = any($2) order by id for no key update',
    [topic, keys],
  );
}

/**
 * Cancels what is open for these keys of a topic, and scrubs what is stored of them, what receivers said in every attempt
 * included, but for the events that say so. Of errors their codes stay. The transaction holds their lanes: an attempt that is
 * written down at the same moment is either seen here, or has lost its lane.
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
    `update attempt a set request_body = null, response_headers = null, response_body = null,
       error = split_part(a.error, ':', 1)
     from delivery d join event e on e.id = d.event_id
     where a.delivery_id = d.id and e.topic = $1 and e.key = any($2)`,
    [topic, keys],
  );
  await client.query(
    `update delivery d set body = null, last_error = split_part(d.last_error, ':', 1) from event e
     where e.id = d.event_id and e.topic = $1 and e.key = any($2) and d.body is not null`,
    [topic, keys],
  );
  await client.query(
    `update event set data = null, callback_url = null
     where topic = $1 and key = any($2) and id <> all($3::uuid[])`,
    [topic, keys, erasing],
  );
  await eraseCallbacks(client, topic, keys);
}

/**
 * Forgets callback URLs to which nothing of any other key was ever sent: locked first, against batches that bring something for
 * them, and looked at in a statement of its own, which sees what those brought.
 */
async function eraseCallbacks(
  client: PoolClient,
  topic: string,
  keys: readonly string[],
): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `select id from destination
     where callback_url is not null
       and id in (
         select d.destination_id from event e join delivery d on d.event_id = e.id
         where e.topic = $1 and e.key = any($2))
     order by id for update`,
    [topic, keys],
  );
  if (rows.length === 0) return;
  await client.query(
    `update destination t set callback_url = null
     where id = any($3::bigint[]) and not exists (
       select from delivery d join event e on e.id = d.event_id
       where d.destination_id = t.id and (e.topic <> $1 or e.key is null or e.key <> all($2)))`,
    [topic, keys, rows.map(({ id }) => id)],
  );
}
