import { transactionOn } from '@casewire/service';
import type { ClientBase } from 'pg';

/**
 * Raises alerts from the delivery events since the last time, and from blocked lanes. This happens here and not where a
 * delivery is exhausted: in an outage all attempts would wait for the one row that counts them.
 * One instance at a time may do this.
 * @param batchSize how many delivery events one transaction processes
 */
export async function gatherAlerts(client: ClientBase, batchSize = 5000): Promise<void> {
  await transactionOn(client, () => gatherBlocked(client));
  for (;;) {
    if ((await gatherDeliveryEvents(client, batchSize)) < batchSize) return;
  }
}

async function gatherDeliveryEvents(client: ClientBase, batchSize: number): Promise<number> {
  const { rows } = await client.query<{ gathered: number }>(gatherDeliveryEventsSql, [batchSize]);
  return rows[0]!.gathered;
}

// Only the code of an error: its text may contain addresses, or data of an event.
const gatherDeliveryEventsSql = `
  with gathered as (
    update delivery_event o set alerted_at = now()
    from (select id from delivery_event where alerted_at is null order by id limit $1) u
    where o.id = u.id
    returning o.id, o.destination_id, o.occurred_at, o.data
  ),
  failed as (
    select g.id, g.occurred_at, (data->>'organizationId')::uuid as organization_id, data->>'environment' as environment,
      (data->>'endpointId')::uuid as endpoint_id, split_part(data->>'type', '.', 2) as kind,
      jsonb_strip_nulls(jsonb_build_object('deliveryId', data->'deliveryId', 'eventType', data->'eventType',
        'attempts', data->'attempts', 'error', substring(data->>'lastError' from '^[A-Z][A-Z0-9_]*'), 'host', d.host,
        'reason', data->'reason', 'failingSince', data->'failingSince')) as example
    from gathered g join destination d on d.id = g.destination_id
    where data->>'type' <> 'endpoint.resumed'
  ),
  numbered as (
    select *, row_number() over (partition by organization_id, environment, endpoint_id, kind order by id desc) as newest
    from failed
  ),
  raised as (
    insert into alert as a (organization_id, environment, endpoint_id, kind, count, first_at, last_at, detail)
    select organization_id, environment, endpoint_id, kind, count(*), min(occurred_at), max(occurred_at),
      jsonb_build_object('examples', jsonb_agg(example order by id desc) filter (where newest <= 3))
    from numbered group by organization_id, environment, endpoint_id, kind
    on conflict (organization_id, environment, endpoint_id, kind) where notification_id is null do update
    set count = a.count + excluded.count, first_at = least(a.first_at, excluded.first_at),
      last_at = greatest(a.last_at, excluded.last_at),
      detail = jsonb_build_object('examples',
        jsonb_path_query_array(excluded.detail->'examples' || (a.detail->'examples'), '$[0 to 2]'))
  )
  select count(*)::int as gathered from gathered`;

/**
 * Counts the blocked lanes again each time, except those that a notification was already written about: a lane that was unblocked is
 * no longer among them. A lane counts as blocked since the time of its next attempt.
 */
async function gatherBlocked(client: ClientBase): Promise<void> {
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
         select max(a.last_at) from alert a
         where (a.organization_id, a.environment, a.endpoint_id, a.kind)
           = (t.organization_id, t.environment, t.endpoint_id, 'blocked') and a.notification_id is not null), '-infinity')
     group by t.organization_id, t.environment, t.endpoint_id`,
  );
}
