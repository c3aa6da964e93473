import type { PoolClient } from 'pg';

import type { Position, ReplayKind } from './replay.ts';

/** What one step looks at. */
const atOnce = 1000;

export interface Finding {
  job: string;
  kind: ReplayKind;
  parameters: Record<string, string>;
  destinationId: string;
  after: { settledAt?: string | undefined; deliveryId: string } | null;
  until: string;
}

/**
 * Finds some of what a replay is to send, and notes it: of each event the place that it had at the destination first, so
 * that the places are in the order of the lanes, whichever delivery led there. What is still on its way there is left to
 * come by itself.
 * @returns where to go on
 */
export async function find(client: PoolClient, finding: Finding): Promise<Position> {
  switch (finding.kind) {
    case 'failed':
      return findFailed(client, finding);
    case 'period':
      return findPeriod(client, finding);
    case 'key':
      await findKey(client, finding);
      return { phase: 'queue' };
    case 'delivery':
    case 'dead-letter':
      return { phase: 'queue' };
  }
}

// `limit 1` keeps these lookups from becoming joins, which no plan does by reading a whole table.
const firstPlace = (event: string, destination: string): string => `
  select f.id, f.lane_id, f.seq, f.state from delivery f
  where f.event_id = ${event} and f.destination_id = ${destination} order by f.replay_job limit 1`;

/** What was given up since a moment, and not delivered by another replay since. */
async function findFailed(client: PoolClient, finding: Finding): Promise<Position> {
  const { job, parameters, destinationId, after, until } = finding;
  const { rows } = await client.query<{ settled_at: string; delivery_id: string }>(
    `with seen as (
       select settled_at, delivery_id from undelivered
       where destination_id = $2 and settled_at >= $3
         and (settled_at, delivery_id) > (coalesce($4::timestamptz, '-infinity'), $5::bigint)
         and settled_at <= (select created_at from replay_job where id = $1)
       order by settled_at, delivery_id limit ${atOnce}
     ),
     noted as (
       insert into replay_item (job, lane_id, seq, delivery_id)
       select $1, f.lane_id, f.seq, f.id
       from seen s
       cross join lateral (select event_id, destination_id from delivery where id = s.delivery_id limit 1) d
       cross join lateral (${firstPlace('d.event_id', 'd.destination_id')}) f
       where f.state <> 'pending' and (
         select true from delivery x
         where x.event_id = d.event_id and x.destination_id = d.destination_id and x.state = 'delivered'
         limit 1) is null
       on conflict do nothing
     )
     select settled_at::text, delivery_id from seen order by seen.settled_at desc, delivery_id desc limit 1`,
    [job, destinationId, parameters.since, after?.settledAt, after?.deliveryId ?? '0'],
  );
  const [last] = rows;
  if (!last) return { phase: 'queue' };
  return {
    phase: 'find',
    after: { settledAt: last.settled_at, deliveryId: last.delivery_id },
    until,
  };
}

/** What happened in a time: goes along the destination's deliveries, whose ids are in the order of their lanes. */
async function findPeriod(client: PoolClient, finding: Finding): Promise<Position> {
  const { job, parameters, destinationId, after, until } = finding;
  const { rows } = await client.query<{ last: string | null }>(
    `with seen as (
       select id, event_id, destination_id, lane_id, seq, state, replay_job from delivery
       where destination_id = $2 and id > $3 and id <= $4 order by id limit ${atOnce}
     ),
     noted as (
       insert into replay_item (job, lane_id, seq, delivery_id)
       select $1, s.lane_id, s.seq, s.id
       from seen s
       cross join lateral (select occurred_at from event where id = s.event_id limit 1) e
       cross join lateral (${firstPlace('s.event_id', 's.destination_id')}) f
       where e.occurred_at >= $5 and e.occurred_at < $6 and s.state <> 'pending' and f.id = s.id
       on conflict do nothing
     )
     select max(id) as last from seen`,
    [job, destinationId, after?.deliveryId ?? '0', until, parameters.from, parameters.to],
  );
  const last = rows[0]!.last;
  if (last === null) return { phase: 'queue' };
  return { phase: 'find', after: { deliveryId: last }, until };
}

async function findKey(
  client: PoolClient,
  { job, parameters, destinationId, until }: Finding,
): Promise<void> {
  await client.query(
    `insert into replay_item (job, lane_id, seq, delivery_id)
     select $1, f.lane_id, f.seq, f.id
     from event e cross join lateral (${firstPlace('e.id', '$2')}) f
     where e.topic = $3 and e.key = $4 and f.state <> 'pending' and f.id <= $5
     on conflict do nothing`,
    [job, destinationId, parameters.topic, parameters.key, until],
  );
}
