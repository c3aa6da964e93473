import type { Pool, PoolClient } from 'pg';

import type { AttemptResult, RecordedResults } from '../../model/lane-store.ts';
import { leaseSeconds } from '../../model/lease.ts';
import { emitExhausted } from '../delivery-events/delivery-event.sql.ts';
import { deliveredAtPrecisionMs } from './health.ts';

export interface RecordedWithDestinations extends RecordedResults {
  /** Destinations whose health may change, each with the results that counted. */
  affected: AffectedDestination[];
}

export interface AffectedDestination {
  destinationId: string;
  host: string | null;
  /** The results, and when they were claimed: milliseconds since 1970, by the database's clock. */
  attempts: { deliveryId: string; claimedAt: number }[];
}

/**
 * Records attempt results in one statement. Lanes are locked by id, and only if the lease holder still has them in the epoch of the
 * claim. The head is increased by one; no query searches for the next delivery. Destinations are only read: a transaction that
 * has locked one may wait for lanes.
 */
export async function recordResults(
  db: Pool | PoolClient,
  leaseHolder: string,
  results: readonly AttemptResult[],
): Promise<RecordedWithDestinations> {
  const { rows } = await db.query<RecordedResults & { affected: AffectedDestination[] | null }>({
    name: 'record-results',
    text: recordResultsSql,
    values: [
      leaseHolder,
      results.map(({ laneId }) => laneId),
      results.map(({ epoch }) => epoch),
      results.map(({ deliveryId }) => deliveryId),
      results.map(({ attempt }) => attempt),
      results.map(({ outcome }) => outcome),
      results.map(({ delayMs }) => delayMs),
      results.map(({ startedAt }) => startedAt),
      results.map(({ durationMs }) => durationMs),
      results.map(({ requestHeaders }) => JSON.stringify(requestHeaders)),
      results.map(({ status }) => status),
      results.map(({ responseHeaders }) => responseHeaders && JSON.stringify(responseHeaders)),
      results.map(({ responseBody }) => responseBody),
      results.map(({ error }) => error),
      results.map(({ requestBody }) => requestBody),
      deliveredAtPrecisionMs / 1000,
      leaseSeconds * 1000,
    ],
  });
  const { counted, due, affected } = rows[0]!;
  return { counted, due, affected: affected ?? [] };
}

// Lanes and deliveries are also selected by their ids: whatever table sizes the planner assumes, it does not read a whole table.
const recordResultsSql = `
  with result as (
    select * from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::int[], $6::text[], $7::float8[],
      $8::timestamptz[], $9::float8[], $10::jsonb[], $11::int[], $12::jsonb[], $13::bytea[], $14::text[], $15::bytea[])
      as r (lane_id, epoch, delivery_id, number, outcome, delay_ms, started_at, duration_ms, request_headers, status,
        response_headers, response_body, error, request_body)
  ),
  -- Joined by epoch: a batch may have two results of one lane, one of them of a lost lease.
  leased as (
    select r.*, l.leased_until from lane l join result r on r.lane_id = l.id and r.epoch = l.epoch
    where l.lease_holder = $1 and l.id = any($2::bigint[]) order by l.id for update of l
  ),
  moved as (
    update lane l
    set lease_holder = null, leased_until = '-infinity',
      head = l.head + (m.outcome in ('delivered', 'exhausted'))::int,
      attempts = case when m.outcome = 'failed' then l.attempts else 0 end,
      next_at = case when m.outcome = 'failed' then now() + make_interval(secs => m.delay_ms / 1000) else now() end,
      gap = case m.outcome when 'delivered' then 0 when 'exhausted' then l.gap + 1 else l.gap end,
      blocked = m.outcome = 'blocked'
    from leased m where l.id = m.lane_id and l.id = any($2::bigint[])
    returning m.*, l.next_at, l.destination_id, l.head <= l.tail and not l.blocked and l.next_at <= now() as is_due
  ),
  settled as (
    update delivery d
    set state = case when m.outcome in ('delivered', 'exhausted') then m.outcome else 'pending' end,
      attempts = m.number, last_status = m.status, last_error = m.error,
      settled_at = case when m.outcome in ('delivered', 'exhausted') then now() end
    from moved m where d.id = m.delivery_id and d.id = any($4::bigint[])
  ),
  logged as (
    insert into attempt (delivery_id, number, started_at, duration_ms, request_headers, request_body, status,
      response_headers, response_body, error, next_attempt_at)
    select delivery_id, number, started_at, duration_ms, request_headers, request_body, status, response_headers,
      response_body, error, case when outcome = 'failed' then next_at end
    from moved
  ),
  undelivered as (
    insert into undelivered (destination_id, delivery_id)
    select destination_id, delivery_id from moved where outcome = 'exhausted'
  ),
  emitted as (
    ${emitExhausted(`(
      select destination_id, delivery_id, number as attempts, status as last_status, error as last_error
      from moved where outcome = 'exhausted')`)}
  ),
  affected as (
    select m.destination_id, t.host,
      json_agg(json_build_object('deliveryId', m.delivery_id::text,
        'claimedAt', extract(epoch from m.leased_until) * 1000 - $17::float8)) as attempts
    from moved m join destination t on t.id = m.destination_id left join callback_host h on h.host = t.host
    group by t.id, m.destination_id, t.host, h.host
    having bool_or(m.outcome <> 'delivered') or t.failing_since is not null or t.failures > 0 or t.trips > 0
      or t.in_flight_limit < t.max_in_flight or t.delivered_at is null
      or t.delivered_at <= now() - make_interval(secs => $16) or h.failures > 0 or h.trips > 0
  )
  select (select count(*)::int from moved) as counted,
    exists (select from moved where is_due) or exists (
      select from (select distinct destination_id from moved) m
      cross join lateral (
        select from lane l
        where l.destination_id = m.destination_id and l.head <= l.tail and not l.blocked and l.next_at <= now()
          and l.leased_until <= now()
        limit 1) l) as due,
    (select json_agg(json_build_object('destinationId', destination_id::text, 'host', host, 'attempts', attempts))
     from affected) as affected`;
