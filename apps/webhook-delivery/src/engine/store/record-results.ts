import type { Pool, PoolClient } from 'pg';

import type { AttemptResult, RecordedResults } from '../../model/lane-store.ts';
import { leaseSeconds } from '../../model/lease.ts';
import { emitExhausted } from '../delivery-events/delivery-event.sql.ts';
import { deliveredAtPrecisionMs } from './health.ts';

export interface RecordedWithDestinations extends RecordedResults {
  /** Destinations of which the outcomes may change what is known, each with the outcomes that counted. */
  affected: AffectedDestination[];
}

export interface AffectedDestination {
  destinationId: string;
  host: string | null;
  /** Which outcomes, and when they were claimed: milliseconds since 1970 by the database's clock. */
  attempts: { deliveryId: string; claimedAt: number }[];
}

/**
 * Writes down what came of attempts, in one statement: lanes in id order, only those that still are the lease holder's in the
 * epoch of the claim. The head moves by one from where it stands; it is never looked up. Destinations are only read:
 * whoever holds one may wait for lanes.
 */
export async function recordResults(
  db: Pool | PoolClient,
  leaseHolder: string,
  outcomes: readonly AttemptResult[],
): Promise<RecordedWithDestinations> {
  const { rows } = await db.query<RecordedResults & { concerned: AffectedDestination[] | null }>({
    name: 'record-results',
    text: recordResultsSql,
    values: [
      leaseHolder,
      outcomes.map(({ laneId }) => laneId),
      outcomes.map(({ epoch }) => epoch),
      outcomes.map(({ deliveryId }) => deliveryId),
      outcomes.map(({ attempt }) => attempt),
      outcomes.map(({ outcome }) => outcome),
      outcomes.map(({ delayMs }) => delayMs),
      outcomes.map(({ startedAt }) => startedAt),
      outcomes.map(({ durationMs }) => durationMs),
      outcomes.map(({ requestHeaders }) => JSON.stringify(requestHeaders)),
      outcomes.map(({ status }) => status),
      outcomes.map(({ responseHeaders }) => responseHeaders && JSON.stringify(responseHeaders)),
      outcomes.map(({ responseBody }) => responseBody),
      outcomes.map(({ error }) => error),
      outcomes.map(({ requestBody }) => requestBody),
      deliveredAtPrecisionMs / 1000,
      leaseSeconds * 1000,
    ],
  });
  const { counted, due, concerned } = rows[0]!;
  return { counted, due, affected: concerned ?? [] };
}

// Lanes and deliveries are asked for by their ids besides: whatever the planner takes the tables' sizes to be, it does not
// read one of them whole.
const recordResultsSql = `
  with outcome as (
    select * from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::int[], $6::text[], $7::float8[],
      $8::timestamptz[], $9::float8[], $10::jsonb[], $11::int[], $12::jsonb[], $13::bytea[], $14::text[], $15::bytea[])
      as o (lane_id, epoch, delivery_id, number, outcome, delay_ms, started_at, duration_ms, request_headers, status,
        response_headers, response_body, error, request_body)
  ),
  -- Each outcome comes along with its lane: a batch may hold two of one lane, one of them of a claim that was lost.
  mine as (
    select o.*, l.leased_until from lane l join outcome o on o.lane_id = l.id and o.epoch = l.epoch
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
    from mine m where l.id = m.lane_id and l.id = any($2::bigint[])
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
  told as (
    ${emitExhausted(`(
      select destination_id, delivery_id, number as attempts, status as last_status, error as last_error
      from moved where outcome = 'exhausted')`)}
  ),
  concerned as (
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
     from concerned) as concerned`;
