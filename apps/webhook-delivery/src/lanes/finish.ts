import type { Pool, PoolClient } from 'pg';

import type { AttemptOutcome } from './lane-store.ts';

/**
 * Writes down what came of attempts, in one statement: lanes in id order, only those that still are the owner's in the
 * epoch of the claim. The head moves by one from where it stands; it is never looked up.
 * @returns how many outcomes counted
 */
export async function finish(
  db: Pool | PoolClient,
  owner: string,
  outcomes: readonly AttemptOutcome[],
): Promise<number> {
  const { rows } = await db.query<{ counted: number }>({
    name: 'finish',
    text: finishSql,
    values: [
      owner,
      outcomes.map(({ laneId }) => laneId),
      outcomes.map(({ epoch }) => epoch),
      outcomes.map(({ deliveryId }) => deliveryId),
      outcomes.map(({ attempt }) => attempt),
      outcomes.map(({ verdict }) => verdict),
      outcomes.map(({ delayMs }) => delayMs),
      outcomes.map(({ startedAt }) => startedAt),
      outcomes.map(({ durationMs }) => durationMs),
      outcomes.map(({ requestHeaders }) => JSON.stringify(requestHeaders)),
      outcomes.map(({ status }) => status),
      outcomes.map(({ responseHeaders }) => responseHeaders && JSON.stringify(responseHeaders)),
      outcomes.map(({ responseBody }) => responseBody),
      outcomes.map(({ error }) => error),
    ],
  });
  return rows[0]!.counted;
}

const finishSql = `
  with outcome as (
    select * from unnest($2::bigint[], $3::bigint[], $4::bigint[], $5::int[], $6::text[], $7::float8[],
      $8::timestamptz[], $9::float8[], $10::jsonb[], $11::int[], $12::jsonb[], $13::bytea[], $14::text[])
      as o (lane_id, epoch, delivery_id, number, verdict, delay_ms, started_at, duration_ms, request_headers, status,
        response_headers, response_body, error)
  ),
  -- Each outcome comes along with its lane: a batch may hold two of one lane, one of them of a claim that was lost.
  mine as (
    select o.* from lane l join outcome o on o.lane_id = l.id and o.epoch = l.epoch
    where l.owner = $1 order by l.id for update of l
  ),
  moved as (
    update lane l
    set owner = null, leased_until = '-infinity',
      head = l.head + (m.verdict <> 'failed')::int,
      attempts = case when m.verdict = 'failed' then l.attempts else 0 end,
      next_at = case when m.verdict = 'failed' then now() + make_interval(secs => m.delay_ms / 1000) else now() end
    from mine m where l.id = m.lane_id
    returning m.*, l.next_at
  ),
  settled as (
    update delivery d
    set state = case m.verdict when 'failed' then 'pending' else m.verdict end,
      attempts = m.number, last_status = m.status, last_error = m.error,
      settled_at = case when m.verdict <> 'failed' then now() end
    from moved m where d.id = m.delivery_id
  ),
  logged as (
    insert into attempt (delivery_id, number, started_at, duration_ms, request_headers, status, response_headers,
      response_body, error, next_attempt_at)
    select delivery_id, number, started_at, duration_ms, request_headers, status, response_headers, response_body, error,
      case when verdict = 'failed' then next_at end
    from moved
  )
  select count(*)::int as counted from moved`;
