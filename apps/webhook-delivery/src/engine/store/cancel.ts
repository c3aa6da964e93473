import type { PoolClient } from 'pg';

import { laneArrays, laneColumns, laneNames, openLanesOf, type LaneRow } from './lane-row.ts';

// The new epoch ends the current lease: a result that arrives afterwards does not count. The gap includes the
// canceled deliveries, for the next delivery of the lane.
const emptied = `head = tail + 1, lease_holder = null, epoch = epoch + 1, leased_until = '-infinity', attempts = 0, blocked = false,
  gap = gap + (tail - head + 1)::int`;
const cancelEmptied = `
  update delivery d set state = 'canceled', settled_at = now()
  from emptied e where d.lane_id = e.id and d.state = 'pending'`;

/** Cancels the open deliveries of a destination. The transaction has locked it, so that no batch can add deliveries. */
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
 * Cancels a replay and its open deliveries. Appending to a replay locks the job's row, so that nothing is appended afterwards.
 * @returns how many were canceled
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

/** Cancels the open deliveries of lanes that the transaction has locked. */
export async function cancelLocked(client: PoolClient, lanes: readonly LaneRow[]): Promise<void> {
  await client.query(
    `with emptied as (
       update lane l set ${emptied}
       from (select distinct * from unnest(${laneArrays})) as t (${laneNames})
       where (l.topic, l.key, l.destination_id, l.feature, l.replay_job)
         = (t.topic, t.key, t.destination_id, t.feature, t.replay_job) and l.head <= l.tail
       returning l.id
     ) ${cancelEmptied}`,
    laneColumns(lanes),
  );
}

/**
 * SQL for the lanes of these keys: lanes that have the key, and lanes of unordered events of the key with an open delivery.
 * @param topic SQL for the topic
 * @param keys SQL for an array of keys
 */
export const lanesOfKeys = (topic: string, keys: string): string => `
  select id from lane where topic = ${topic} and key = any(${keys})
  union all
  select d.lane_id from event e join delivery d on d.event_id = e.id
  where e.topic = ${topic} and e.key = any(${keys}) and d.state = 'pending'`;

/** Locks the events that this transaction erases, so that no replay adds them: by id, and before any destination or lane. */
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

/** The headers of a delivery with the correlation id, which the submitter chooses. */
const correlationHeaders = `array['x-correlation-id', 'ce-correlationid']`;

/**
 * Cancels the open deliveries of these keys and removes their stored data, including requests and responses of every attempt.
 * Error codes and ids of the platform remain. The transaction has locked the lanes: an attempt result that is recorded at the same time is either seen
 * here or has lost its lease.
 * @param erasing ids of the events that announce the erasure; their own data remains
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
    `update delivery d set body = null, last_error = split_part(d.last_error, ':', 1),
       headers = d.headers - ${correlationHeaders}
     from event e
     where e.id = d.event_id and e.topic = $1 and e.key = any($2) and d.body is not null`,
    [topic, keys],
  );
  await client.query(
    `update event set data = null, callback_url = null, correlation_id = null
     where topic = $1 and key = any($2) and id <> all($3::uuid[])`,
    [topic, keys, erasing],
  );
  await eraseCallbacks(client, topic, keys);
}

/**
 * Removes callback URLs that only received events of these keys. They are locked first, against batches with new deliveries
 * for them, and checked in a second statement, which sees the deliveries of those batches.
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
