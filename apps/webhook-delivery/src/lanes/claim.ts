import type { DialectName } from '@casewire/contracts';
import type { PoolClient } from 'pg';

import { leaseSeconds, type ClaimedHead } from './lane-store.ts';

/** Destinations looked at in one claim; chance decides which where there are more, so that none is always last. */
const destinationsAtOnce = 200;

/**
 * Claims due heads, in the caller's transaction. First destinations that may be sent to, held against other claims; then,
 * in a statement that sees what those claims left, as many due lanes of each as it has room for. Lanes of destinations
 * that are closed are never looked at.
 */
export async function claim(
  client: PoolClient,
  owner: string,
  slots: number,
): Promise<ClaimedHead[]> {
  const open = await client.query<{ id: string }>({
    name: 'open-destinations',
    text: openDestinations,
    values: [destinationsAtOnce],
  });
  if (open.rows.length === 0) return [];
  const claimed = await client.query<{ id: string }>({
    name: 'claim-lanes',
    text: claimLanes,
    values: [open.rows.map(({ id }) => id), slots, owner, leaseSeconds],
  });
  if (claimed.rows.length === 0) return [];
  // A statement of its own: a delivery that came into a lane after the claim's snapshot was taken is seen by this one.
  const { rows } = await client.query<ClaimedRow>({
    name: 'claimed-heads',
    text: claimedHeads,
    values: [claimed.rows.map(({ id }) => id)],
  });
  return rows.map((row) => ({
    laneId: row.lane_id,
    seq: row.seq,
    epoch: row.epoch,
    attempt: row.attempts,
    deliveryId: row.delivery_id,
    eventId: row.event_id,
    endpointId: row.endpoint_id,
    organizationId: row.organization_id,
    dialect: row.dialect,
    headers: row.headers,
    body: row.body,
    previousId: row.previous_id,
    traceparent: row.traceparent,
  }));
}

// Steps from one destination that has something open to the next, by the index: neither the lanes of one nor
// destinations without any are read.
const openDestinations = `
  with recursive waiting as (
    (select destination_id as id from lane where head <= tail order by destination_id limit 1)
    union all
    select (
      select l.destination_id from lane l
      where l.head <= l.tail and l.destination_id > w.id order by l.destination_id limit 1)
    from waiting w where w.id is not null
  )
  select d.id from waiting w join destination d on d.id = w.id
  where d.enabled and not d.deleted and d.gate_until <= now()
    and exists (
      select from lane l
      where l.destination_id = d.id and l.head <= l.tail and l.next_at <= now() and l.leased_until <= now())
  order by random() limit $1
  for no key update of d skip locked`;

// A destination has room for no more than its cap over all instances, and for no more than leaves as many slots free as
// it then has itself: slow ones together can never take the last slot from those that come after them.
const claimLanes = `
  with busy as (
    select d.id, d.max_in_flight, f.everywhere, f.here, count(*) over () as rivals
    from destination d
    cross join lateral (
      select count(*) as everywhere, count(*) filter (where l.owner = $3) as here from lane l
      where l.destination_id = d.id and l.owner is not null and l.leased_until > now()) f
    where d.id = any($1::bigint[])
  ),
  room as (
    select id, here,
      greatest(0, least(max_in_flight - everywhere, greatest(($2 - here) / (1 + rivals), (here = 0)::int))) as free
    from busy
  ),
  due as (
    select l.id, l.next_at, r.here + row_number() over (partition by r.id order by l.next_at) as turn
    from room r
    cross join lateral (
      select id, next_at from lane
      where destination_id = r.id and head <= tail and next_at <= now() and leased_until <= now()
      order by next_at limit r.free
      for update skip locked
    ) l
  ),
  -- Every destination gets its first lane before any gets its second.
  chosen as (select id from due order by turn, next_at limit $2)
  update lane l
  set owner = $3, epoch = l.epoch + 1, attempts = l.attempts + 1, leased_until = now() + make_interval(secs => $4)
  from chosen c where l.id = c.id
  returning l.id`;

const claimedHeads = `
  select l.id as lane_id, l.head as seq, l.epoch, l.attempts, d.id as delivery_id, d.event_id, d.dialect, d.headers,
    d.body, p.event_id as previous_id, t.endpoint_id, t.organization_id, e.traceparent
  from lane l
  join delivery d on d.lane_id = l.id and d.seq = l.head
  join destination t on t.id = l.destination_id
  join event e on e.id = d.event_id
  left join delivery p on p.lane_id = l.id and p.seq = l.head - 1
  where l.id = any($1::bigint[])`;

interface ClaimedRow {
  lane_id: string;
  seq: string;
  epoch: string;
  attempts: number;
  delivery_id: string;
  event_id: string;
  endpoint_id: string;
  organization_id: string;
  dialect: DialectName;
  headers: Record<string, string>;
  body: Buffer;
  previous_id: string | null;
  traceparent: string | null;
}
