import { inTransaction } from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

import { lockOf } from '../engine/delivery-events/leader-task.ts';

/** Does it in a transaction, unless another instance is at it. */
export const inLeaderTransaction = <T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
): Promise<T | null> =>
  inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ taken: boolean }>(
      'select pg_try_advisory_xact_lock($1, $2) as taken',
      lockOf('alerts.gather'),
    );
    return rows[0]!.taken ? work(client) : null;
  });

/**
 * Raises alerts from what was told since the last time, and from lanes that are blocked. It is done here and not where a
 * delivery is given up: in an outage every outcome would wait for the one row that they all count in.
 * @param atOnce how many outcomes one transaction takes
 */
export async function gatherAlerts(pool: Pool, atOnce = 5000): Promise<void> {
  await inLeaderTransaction(pool, gatherBlocked);
  for (;;) {
    const taken = await inLeaderTransaction(pool, (client) => gatherDeliveryEvents(client, atOnce));
    if (taken === null || taken < atOnce) return;
  }
}

async function gatherDeliveryEvents(client: PoolClient, atOnce: number): Promise<number> {
  const { rows } = await client.query<{ taken: number }>(gatherDeliveryEventsSql, [atOnce]);
  return rows[0]!.taken;
}

// Of an error its code alone: what follows it may name addresses, or what an event says.
const gatherDeliveryEventsSql = `
  with taken as (
    update delivery_event o set alerted_at = now()
    from (select id from delivery_event where alerted_at is null order by id limit $1) u
    where o.id = u.id
    returning o.id, o.destination_id, o.occurred_at, o.data
  ),
  failed as (
    select t.id, t.occurred_at, (data->>'organizationId')::uuid as organization_id, data->>'environment' as environment,
      (data->>'endpointId')::uuid as endpoint_id, split_part(data->>'type', '.', 2) as kind,
      jsonb_strip_nulls(jsonb_build_object('deliveryId', data->'deliveryId', 'eventType', data->'eventType',
        'attempts', data->'attempts', 'error', substring(data->>'lastError' from '^[A-Z][A-Z0-9_]*'), 'host', d.host,
        'reason', data->'reason', 'failingSince', data->'failingSince')) as example
    from taken t join destination d on d.id = t.destination_id
    where data->>'type' <> 'endpoint.resumed'
  ),
  numbered as (
    select *, row_number() over (partition by organization_id, environment, endpoint_id, kind order by id desc) as newest
    from failed
  ),
  raised as (
    insert into alert as n (organization_id, environment, endpoint_id, kind, count, first_at, last_at, detail)
    select organization_id, environment, endpoint_id, kind, count(*), min(occurred_at), max(occurred_at),
      jsonb_build_object('examples', jsonb_agg(example order by id desc) filter (where newest <= 3))
    from numbered group by organization_id, environment, endpoint_id, kind
    on conflict (organization_id, environment, endpoint_id, kind) where notification_id is null do update
    set count = n.count + excluded.count, first_at = least(n.first_at, excluded.first_at),
      last_at = greatest(n.last_at, excluded.last_at),
      detail = jsonb_build_object('examples',
        jsonb_path_query_array(excluded.detail->'examples' || (n.detail->'examples'), '$[0 to 2]'))
  )
  select count(*)::int as taken from taken`;

/**
 * Lanes that wait for a person are counted anew each time, those apart that a notification told of: a lane that goes on is none
 * of them any more. It waits since its next attempt would have been due.
 */
async function gatherBlocked(client: PoolClient): Promise<void> {
  await client.query(`delete from alert where kind = 'blocked' and notification_id is null`);
  await client.query(
    `insert into alert (organization_id, environment, endpoint_id, kind, count, first_at, last_at, detail)
     select t.organization_id, t.environment, t.endpoint_id, 'blocked', count(*), min(l.next_at), max(l.next_at),
       jsonb_build_object('examples', jsonb_build_array(jsonb_strip_nulls(
         (array_agg(jsonb_build_object('deliveryId', d.id::text, 'eventType', e.type, 'attempts', d.attempts,
           'error', substring(d.last_error from '^[A-Z][A-Z0-9_]*')) order by l.next_at desc))[1])))
     from destination t
     join lane l on l.destination_id = t.id and l.blocked
     join delivery d on d.lane_id = l.id and d.seq = l.head
     join event e on e.id = d.event_id
     where t.endpoint_id is not null and not t.deleted
       and l.next_at > coalesce((
         select max(n.last_at) from alert n
         where (n.organization_id, n.environment, n.endpoint_id, n.kind)
           = (t.organization_id, t.environment, t.endpoint_id, 'blocked') and n.notification_id is not null), '-infinity')
     group by t.organization_id, t.environment, t.endpoint_id`,
  );
}
