import type { DialectName } from '@casewire/contracts';
import type { PoolClient } from 'pg';

import type { ClaimedHead, ClaimOffer } from '../../model/lane-store.ts';
import { leaseSeconds } from '../../model/lease.ts';
import { availableTokens } from './token-bucket.sql.ts';

/** Destinations with something open that one claim walks over, and how many of them it claims from at most. */
const destinationsAtOnce = 200;

export interface Claimed {
  /** Read by the last statement, which is under way. */
  heads: Promise<ClaimedHead[]>;
  /** Behind which destination the next claim goes on; null after the last one. */
  next: string | null;
}

/**
 * Claims due heads, in the caller's transaction. First destinations that may be sent to, locked against other claims; then,
 * in a statement that sees what those claims left, as many due lanes of each as it has room for. Lanes of destinations
 * that are closed are never looked at, and of destinations only so many as a claim can use.
 * @param after the destination behind which to begin
 * @param lively destinations to look at in any case
 */
export async function claim(
  client: PoolClient,
  { leaseHolder, slots }: ClaimOffer,
  after: string,
  lively: readonly string[] = [],
): Promise<Claimed> {
  const { rows } = await client.query<OpenDestination>({
    name: 'open-destinations',
    text: openDestinations,
    values: [after, destinationsAtOnce, 2 * slots, lively],
  });
  const open = rows.filter(({ id }) => id !== null);
  return {
    ...(await claimFrom(client, { leaseHolder, slots }, open)),
    next: rows[0]?.last ?? null,
  };
}

/** Some of these destinations that may be sent to, locked against other claims. */
export async function lockOpenDestinations(
  client: PoolClient,
  { slots }: ClaimOffer,
  destinations: readonly string[],
): Promise<OpenDestination[]> {
  const { rows } = await client.query<OpenDestination>({
    name: 'open-among',
    text: openOfThese,
    values: [destinations, Math.min(destinationsAtOnce, 2 * slots)],
  });
  return rows;
}

/** Claims due heads of destinations that are locked, in a statement that sees what other claims left. */
export async function claimFrom(
  client: PoolClient,
  { leaseHolder, slots }: ClaimOffer,
  open: readonly OpenDestination[],
): Promise<Pick<Claimed, 'heads'>> {
  const among = await withProbes(client, open);
  if (among.length === 0) return { heads: Promise.resolve([]) };
  const claimed = await client.query<{ id: string }>({
    name: 'claim-lanes',
    text: claimLanes,
    values: [
      among.map(({ id }) => id),
      among.map(({ probing }) => (probing ? 1 : slots)),
      slots,
      leaseHolder,
      leaseSeconds,
    ],
  });
  if (claimed.rows.length === 0) return { heads: Promise.resolve([]) };
  return { heads: headsOf(client, claimed.rows) };
}

/** A statement of its own: a delivery that came into a lane after the claim's snapshot was taken is seen by this one. */
async function headsOf(client: PoolClient, lanes: readonly { id: string }[]) {
  const { rows } = await client.query<ClaimedRow>({
    name: 'claimed-heads',
    text: claimedHeads,
    values: [lanes.map(({ id }) => id)],
  });
  return rows.map(headOf);
}

/** Of the callback URLs of a host whose breaker is half open one gets one request; nobody else's claim gets any. */
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
 * Some of the destinations that may be sent to, locked, in the order of their ids: `skip locked` passes over a row that
 * somebody holds, but waits for whoever is changing one of which it has an older version.
 */
const locked = (ids: string, atMost: string) => `
  select d.id, d.host, coalesce(h.trips > 0, false) as probing
  from destination d left join callback_host h on h.host = d.host
  where d.id in (
      select d.id from (${ids}) w (id) join destination d using (id) left join callback_host h on h.host = d.host
      where ${mayBeSentTo}
      order by random() limit ${atMost})
    and ${mayBeSentTo}
  order by d.id
  for no key update of d skip locked`;

// Steps from one destination that has something open to the next, by the index: neither the lanes of one nor
// destinations without any are read. A row says how far it came, also where nothing is open.
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
  open as (${locked('select id from waiting union select unnest($4::bigint[])', '$3')})
  select w.last, o.* from (
    select case when bool_or(id is null) or max(n) < $2 then null else max(id) end as last from waiting) w
  left join open o on true`;

const openOfThese = locked('select unnest($1::bigint[])', '$2');

export interface OpenDestination {
  id: string;
  host: string | null;
  /** Its host's breaker is half open. */
  probing: boolean;
  last?: string | null;
}

// A destination has room for no more than its limit over all instances, for no more than it has tokens, and for no more
// than leaves as many slots free as it then has itself: slow ones together can never take the last slot from those that
// come after them.
const claimLanes = `
  with busy as (
    select d.id, least(d.max_in_flight, d.in_flight_limit) as flight, a.most, f.everywhere, f.here,
      case when d.effective_rate is not null then ${availableTokens('d')} end as tokens, count(*) over () as rivals
    from unnest($1::bigint[], $2::int[]) as a (id, most)
    join destination d on d.id = a.id
    cross join lateral (
      select count(*) as everywhere, count(*) filter (where l.lease_holder = $4) as here from lane l
      where l.destination_id = d.id and l.lease_holder is not null and l.leased_until > now()) f
  ),
  room as (
    select id, here, tokens,
      greatest(0, least(flight - everywhere, most, floor(tokens)::bigint,
        greatest(($3 - here) / (1 + rivals), (here = 0)::int))) as free
    from busy
  ),
  due as (
    select l.id, r.id as destination_id, r.tokens, l.next_at,
      r.here + row_number() over (partition by r.id order by l.next_at) as turn
    from room r
    cross join lateral (
      select id, next_at from lane
      where destination_id = r.id and head <= tail and not blocked and next_at <= now() and leased_until <= now()
      order by next_at limit r.free
      for update skip locked
    ) l
  ),
  -- Every destination gets its first lane before any gets its second.
  chosen as (select id, destination_id, tokens from due order by turn, next_at limit $3),
  paid as (
    update destination d set tokens = c.tokens - c.n, tokens_at = now()
    from (select destination_id, tokens, count(*) as n from chosen where tokens is not null group by 1, 2) c
    where d.id = c.destination_id
  )
  update lane l
  set lease_holder = $4, epoch = l.epoch + 1, attempts = l.attempts + 1, leased_until = now() + make_interval(secs => $5)
  from chosen c where l.id = c.id and l.id = any(array(select id from chosen))
  returning l.id`;

// From each lane to its head: never from the deliveries to their lanes, however few the planner believes there are.
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
