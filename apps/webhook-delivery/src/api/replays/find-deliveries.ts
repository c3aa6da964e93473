import { named } from '@casewire/service';
import type { PoolClient } from 'pg';

import type { Position, ReplayKind } from './replay.ts';

/** How many deliveries a step reads. */
const stepSize = 1000;

/** One step of a search. */
export interface ReplaySearch {
  job: string;
  kind: ReplayKind;
  parameters: Record<string, string>;
  destinationId: string;
  after: { settledAt?: string | undefined; deliveryId: string } | null;
  until: string;
}

/**
 * Finds some of the deliveries that a replay sends again, and stores them as items: for each event its first position at the
 * destination, so that the items are in the order of the lanes, whichever delivery led to them. An event that is still
 * pending there is skipped: it is delivered anyway.
 * @returns the position at which to continue
 */
export async function findDeliveries(client: PoolClient, search: ReplaySearch): Promise<Position> {
  switch (search.kind) {
    case 'failed':
      return findFailed(client, search);
    case 'period':
      return findPeriod(client, search);
    case 'key':
      await findKey(client, search);
      return { phase: 'queue' };
    case 'delivery':
    case 'dead-letter':
      return { phase: 'queue' };
  }
}

// `limit 1` keeps these lookups from becoming joins, for which a plan could read a whole table.
const firstPosition = (event: string, destination: string): string => `
  select f.id, f.lane_id, f.seq, f.state from delivery f
  where f.event_id = ${event} and f.destination_id = ${destination} order by f.replay_job limit 1`;

/** Deliveries that were exhausted or expired since a moment, except events that another replay has delivered since. */
async function findFailed(client: PoolClient, search: ReplaySearch): Promise<Position> {
  const { job, parameters, destinationId, after, until } = search;
  const { rows } = await client.query<{ settled_at: string; delivery_id: string }>(
    `with seen as (
       select settled_at, delivery_id from undelivered
       where destination_id = $2 and settled_at >= $3
         and (settled_at, delivery_id) > (coalesce($4::timestamptz, '-infinity'), $5::bigint)
         and settled_at <= (select created_at from replay_job where id = $1)
       order by settled_at, delivery_id limit ${stepSize}
     ),
     stored as (
       insert into replay_item (job, lane_id, seq, delivery_id)
       select $1, f.lane_id, f.seq, f.id
       from seen s
       cross join lateral (select event_id, destination_id from delivery where id = s.delivery_id limit 1) d
       cross join lateral (${firstPosition('d.event_id', 'd.destination_id')}) f
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

/** Events that occurred in a period: goes through the destination's deliveries, whose ids are in the order of their lanes. */
async function findPeriod(client: PoolClient, search: ReplaySearch): Promise<Position> {
  const { job, parameters, destinationId, after, until } = search;
  const { rows } = await client.query<{ last: string | null }>(
    named(
      `with seen as (
       select id, event_id, destination_id, lane_id, seq, state, replay_job from delivery
       where destination_id = :destinationId and id > :after and id <= :until order by id limit ${stepSize}
     ),
     stored as (
       insert into replay_item (job, lane_id, seq, delivery_id)
       select :job, s.lane_id, s.seq, s.id
       from seen s
       cross join lateral (select occurred_at from event where id = s.event_id limit 1) e
       cross join lateral (${firstPosition('s.event_id', 's.destination_id')}) f
       where e.occurred_at >= :from and e.occurred_at < :to and s.state <> 'pending' and f.id = s.id
       on conflict do nothing
     )
     select max(id) as last from seen`,
      {
        job,
        destinationId,
        after: after?.deliveryId ?? '0',
        until,
        from: parameters.from,
        to: parameters.to,
      },
    ),
  );
  const last = rows[0]!.last;
  if (last === null) return { phase: 'queue' };
  return { phase: 'find', after: { deliveryId: last }, until };
}

async function findKey(
  client: PoolClient,
  { job, parameters, destinationId, until }: ReplaySearch,
): Promise<void> {
  await client.query(
    `insert into replay_item (job, lane_id, seq, delivery_id)
     select $1, f.lane_id, f.seq, f.id
     from event e cross join lateral (${firstPosition('e.id', '$2')}) f
     where e.topic = $3 and e.key = $4 and f.state <> 'pending' and f.id <= $5
     on conflict do nothing`,
    [job, destinationId, parameters.topic, parameters.key, until],
  );
}
