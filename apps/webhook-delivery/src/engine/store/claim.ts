import type { DialectName } from '@casewire/contracts';
import type { PoolClient } from 'pg';

import type { ClaimedHead, ClaimOffer } from '../../model/lane-store.ts';
import { leaseSeconds } from '../../model/lease.ts';
import { availableTokens } from './token-bucket.sql.ts';

/** How many destinations with open deliveries one claim looks at, and from how many it claims at most. */
const destinationsAtOnce = 200;

export interface Claimed {
  /** Resolves with the last statement of the transaction, which is already sent. */
  heads: Promise<ClaimedHead[]>;
  /** The destination after which the next claim continues; null after the last one. */
  next: string | null;
}

/**
 * Claims due heads, in the caller's transaction. The first statement locks destinations that may be sent to, against other
 * claims. The second one sees the effect of those claims, and leases as many due lanes of each destination as its limits
 * allow. It reads no lanes of closed destinations, and no more destinations than the claim can use.
 * @param after the destination after which to begin
 * @param recentlyActive destinations to look at in any case
 */
export async function claim(
  client: PoolClient,
  { leaseHolder, slots }: ClaimOffer,
  after: string,
  recentlyActive: readonly string[] = [],
): Promise<Claimed> {
  const { rows } = await client.query<OpenDestination>({
    name: 'open-destinations',
    text: openDestinations,
    values: [after, destinationsAtOnce, 2 * slots, recentlyActive],
  });
  const open = rows.filter(({ id }) => id !== null);
  return {
    ...(await claimFrom(client, { leaseHolder, slots }, open)),
    next: rows[0]?.last ?? null,
  };
}

/** Locks the given destinations that may be sent to, so that no other claim uses them; skips rows that are locked already. */
export async function lockOpenDestinations(
  client: PoolClient,
  { slots }: ClaimOffer,
  destinations: readonly string[],
): Promise<OpenDestination[]> {
  const { rows } = await client.query<OpenDestination>({
    name: 'lock-open-destinations',
    text: openOfGiven,
    values: [destinations, Math.min(destinationsAtOnce, 2 * slots)],
  });
  return rows;
}

/** Claims due heads of locked destinations, in a statement that sees the effect of earlier claims. */
export async function claimFrom(
  client: PoolClient,
  { leaseHolder, slots }: ClaimOffer,
  open: readonly OpenDestination[],
): Promise<Pick<Claimed, 'heads'>> {
  const destinations = await withProbes(client, open);
  if (destinations.length === 0) return { heads: Promise.resolve([]) };
  const claimed = await client.query<{ id: string }>({
    name: 'claim-lanes',
    text: claimLanes,
    values: [
      destinations.map(({ id }) => id),
      destinations.map(({ probing }) => (probing ? 1 : slots)),
      slots,
      leaseHolder,
      leaseSeconds,
    ],
  });
  if (claimed.rows.length === 0) return { heads: Promise.resolve([]) };
  return { heads: headsOf(client, claimed.rows) };
}

/** A separate statement: it sees deliveries that were added after the snapshot of the claim. */
async function headsOf(client: PoolClient, lanes: readonly { id: string }[]) {
  const { rows } = await client.query<ClaimedRow>({
    name: 'claimed-heads',
    text: claimedHeads,
    values: [lanes.map(({ id }) => id)],
  });
  return rows.map(headOf);
}

/** If a host's breaker is half open, one of its callback URLs gets one request: of all instances only one claim sends it. */
async function withProbes(
  client: PoolClient,
  open: readonly OpenDestination[],
): Promise<OpenDestination[]> {
  const hosts = new Map(open.flatMap((one) => (one.probing ? [[one.host!, one] as const] : [])));
  if (hosts.size === 0) return [...open];
  const { rows } = await client.query<{ host: string }>({
    name: 'probe-hosts',
    text: `
      update callback_host h set probing_until = now() + make_interval(secs => $2)
      from (
        select host from callback_host
        where host = any($1::text[]) and trips > 0 and gate_until <= now() and probing_until <= now()
        order by host for update skip locked) as free
      where h.host = free.host returning h.host`,
    values: [[...hosts.keys()], leaseSeconds],
  });
  return [...open.filter(({ probing }) => !probing), ...rows.map(({ host }) => hosts.get(host)!)];
}

const mayBeSentTo = `
  d.enabled and not d.deleted and d.suspended_at is null and d.gate_until <= now()
  and (h.host is null or h.gate_until <= now() and (h.trips = 0 or h.probing_until <= now()))
  and (d.effective_rate is null or ${availableTokens('d')} >= 1)
  and exists (
    select from lane l
    where l.destination_id = d.id and l.head <= l.tail and not l.blocked and l.next_at <= now() and l.leased_until <= now())`;

/**
 * Locks some of the destinations that may be sent to, by id: `skip locked` skips a locked row, but PostgreSQL waits for
 * a transaction that is updating a row if the snapshot still sees the row's older version.
 */
const lockOpen = (ids: string, atMost: string) => `
  select d.id, d.host, coalesce(h.trips > 0, false) as probing
  from destination d left join callback_host h on h.host = d.host
  where d.id in (
      select d.id from (${ids}) w (id) join destination d using (id) left join callback_host h on h.host = d.host
      where ${mayBeSentTo}
      order by random() limit ${atMost})
    and ${mayBeSentTo}
  order by d.id
  for no key update of d skip locked`;

// Steps from one destination with open deliveries to the next, by the index: neither all lanes of a destination nor destinations
// without open deliveries are read. Every row has the last destination in `last`, also if none is open.
const openDestinations = `
  with recursive waiting as (
    (select destination_id as id, 1 as n from lane
     where head <= tail and not blocked and destination_id > $1 order by destination_id limit 1)
    union all
    select (
      select l.destination_id from lane l
      where l.head <= l.tail and not l.blocked and l.destination_id > w.id order by l.destination_id limit 1), n + 1
    from waiting w where w.id is not null and n < $2
  ),
  open as (${lockOpen('select id from waiting union select unnest($4::bigint[])', '$3')})
  select w.last, o.* from (
    select case when bool_or(id is null) or max(n) < $2 then null else max(id) end as last from waiting) w
  left join open o on true`;

const openOfGiven = lockOpen('select unnest($1::bigint[])', '$2');

export interface OpenDestination {
  id: string;
  host: string | null;
  /** Whether its host's breaker is half open. */
  probing: boolean;
  last?: string | null;
}

// In one claim a destination gets at most: its limit minus its requests in flight (over all instances); its tokens; and so many
// slots that afterwards as many are free as it has itself (always one if it has none). So slow destinations never take all slots.
const claimLanes = `
  with load as (
    select d.id, least(d.max_in_flight, d.in_flight_limit) as allowed, a.most, f.in_flight, f.own,
      case when d.effective_rate is not null then ${availableTokens('d')} end as tokens, count(*) over () as destinations
    from unnest($1::bigint[], $2::int[]) as a (id, most)
    join destination d on d.id = a.id
    cross join lateral (
      select count(*) as in_flight, count(*) filter (where l.lease_holder = $4) as own from lane l
      where l.destination_id = d.id and l.lease_holder is not null and l.leased_until > now()) f
  ),
  capacity as (
    select id, own, tokens,
      greatest(0, least(allowed - in_flight, most, floor(tokens)::bigint,
        greatest(($3 - own) / (1 + destinations), (own = 0)::int))) as lanes
    from load
  ),
  due as (
    select l.id, k.id as destination_id, k.tokens, l.next_at,
      k.own + row_number() over (partition by k.id order by l.next_at) as turn
    from capacity k
    cross join lateral (
      select id, next_at from lane
      where destination_id = k.id and head <= tail and not blocked and next_at <= now() and leased_until <= now()
      order by next_at limit k.lanes
      for update skip locked
    ) l
  ),
  -- Every destination gets its first lane before any gets its second.
  chosen as (select id, destination_id, tokens from due order by turn, next_at limit $3),
  spent as (
    update destination d set tokens = c.tokens - c.n, tokens_at = now()
    from (select destination_id, tokens, count(*) as n from chosen where tokens is not null group by 1, 2) c
    where d.id = c.destination_id
  )
  update lane l
  set lease_holder = $4, epoch = l.epoch + 1, attempts = l.attempts + 1, leased_until = now() + make_interval(secs => $5)
  from chosen c where l.id = c.id and l.id = any(array(select id from chosen))
  returning l.id`;

// `limit 1` makes the planner look up the head of each lane; it never joins from deliveries to lanes, whatever row counts it assumes.
const claimedHeads = `
  select l.id as lane_id, l.head as seq, l.epoch, l.attempts, l.gap, l.replay_job, l.next_at as due_at, d.id as delivery_id,
    d.event_id, d.dialect, d.version, d.headers, d.body, d.fault, d.last_status, d.last_error, p.event_id as previous_id,
    t.id as destination_id, t.endpoint_id, t.organization_id, t.callback_hash, t.callback_url, t.host, e.type, e.traceparent
  from unnest($1::bigint[]) as c (id)
  cross join lateral (select * from lane where id = c.id limit 1) l
  cross join lateral (select * from delivery where lane_id = l.id and seq = l.head limit 1) d
  cross join lateral (select * from destination where id = l.destination_id limit 1) t
  cross join lateral (select type, traceparent from event where id = d.event_id limit 1) e
  left join lateral (select event_id from delivery where lane_id = l.id and seq = l.head - 1 limit 1) p on true`;

interface ClaimedRow {
  lane_id: string;
  seq: string;
  epoch: string;
  attempts: number;
  gap: number;
  replay_job: string;
  due_at: Date;
  delivery_id: string;
  event_id: string;
  dialect: DialectName;
  version: number;
  headers: Record<string, string>;
  body: Buffer;
  fault: string | null;
  last_status: number | null;
  last_error: string | null;
  previous_id: string | null;
  destination_id: string;
  endpoint_id: string | null;
  organization_id: string;
  callback_hash: Buffer | null;
  callback_url: string | null;
  host: string | null;
  type: string;
  traceparent: string | null;
}

const headOf = (row: ClaimedRow): ClaimedHead => ({
  laneId: row.lane_id,
  seq: row.seq,
  epoch: row.epoch,
  attempt: row.attempts,
  dueAt: row.due_at,
  deliveryId: row.delivery_id,
  eventId: row.event_id,
  eventType: row.type,
  destinationId: row.destination_id,
  organizationId: row.organization_id,
  endpointId: row.endpoint_id,
  callback: row.callback_hash && {
    hash: row.callback_hash,
    sealedUrl: row.callback_url,
    host: row.host!,
  },
  dialect: row.dialect,
  version: row.version,
  headers: row.headers,
  body: row.body,
  fault: row.fault,
  previousId: row.previous_id,
  gap: row.gap,
  replayJob: row.replay_job === '0' ? null : row.replay_job,
  lastStatus: row.last_status,
  lastError: row.last_error,
  traceparent: row.traceparent,
});
