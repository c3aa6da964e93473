import { inTransaction } from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

import { emitExpired } from '../delivery-events/delivery-event.sql.ts';

/** Lanes that one transaction holds at most. */
const lanesAtOnce = 500;

const closedSince = `not deleted and (not enabled and disabled_at < $1 or suspended_at < $1)`;

/** Destination by destination, and of each some lanes at a time; @returns how many deliveries expired */
export async function expire(pool: Pool, olderThan: Date): Promise<number> {
  const { rows } = await pool.query<{ id: string }>(
    `select id from destination where ${closedSince} order by id`,
    [olderThan],
  );
  let expired = 0;
  for (const { id } of rows) {
    let after: string | null = '0';
    while (after !== null) {
      const some = await inTransaction(pool, (client) => expireAt(client, id, olderThan, after!));
      expired += some.expired;
      after = some.last;
    }
  }
  return expired;
}

/**
 * Expires what is old enough in some lanes of a destination that is still closed, in the caller's transaction. An attempt
 * that is under way is waited out: its lane is left for another time.
 */
export async function expireAt(
  client: PoolClient,
  destinationId: string,
  olderThan: Date,
  after: string,
): Promise<{ expired: number; last: string | null }> {
  const closed = await client.query(
    `select from destination where id = $2 and ${closedSince} for share`,
    [olderThan, destinationId],
  );
  if (closed.rowCount === 0) return { expired: 0, last: null };
  const { rows: lanes } = await client.query<{ id: string }>(
    `select id from lane
     where id in (
         select id from lane where destination_id = $1 and head <= tail and not blocked and id > $2
         union all
         select id from lane where destination_id = $1 and blocked and id > $2)
       and leased_until <= now()
     order by id limit ${lanesAtOnce} for update`,
    [destinationId, after],
  );
  if (lanes.length === 0) return { expired: 0, last: null };
  const { rows } = await client.query<{ expired: number }>(
    `with young as (
       select l.id, coalesce(
         (select min(d.seq) from delivery d
          where d.lane_id = l.id and d.seq between l.head and l.tail and d.created_at >= $2), l.tail + 1) as head
       from lane l where l.id = any($1::bigint[]) and l.head <= l.tail
     ),
     old as (
       update delivery d set state = 'expired', settled_at = now()
       from young y join lane l on l.id = y.id
       where d.lane_id = l.id and d.seq >= l.head and d.seq < y.head
       returning d.id as delivery_id, d.destination_id
     ),
     undelivered as (insert into undelivered (destination_id, delivery_id) select destination_id, delivery_id from old),
     told as (${emitExpired('old')}),
     moved as (
       update lane l
       set head = y.head, gap = l.gap + (y.head - l.head)::int, attempts = 0, blocked = false, next_at = now(), lease_holder = null,
         leased_until = '-infinity'
       from young y where l.id = y.id and y.head > l.head
     )
     select count(*)::int as expired from old`,
    [lanes.map(({ id }) => id), olderThan],
  );
  return { expired: rows[0]!.expired, last: lanes.at(-1)!.id };
}
