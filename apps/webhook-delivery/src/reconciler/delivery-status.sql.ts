import { longestLeaseSeconds } from '../model/lease.ts';

/** A lane whose lease ends later than this from now is broken: no claim takes a lease for that long. */
const longestLease = `interval '${longestLeaseSeconds} seconds'`;

/**
 * Lanes of which nothing behind `place` can ever be sent: at that place, between head and tail, no delivery is pending.
 * A claim takes what is at the head, and would find nothing there.
 */
const brokenLanes = `
  select l.id, (
      select min(p) from generate_series(l.head, l.tail) p
      where not exists (select from delivery d where d.lane_id = l.id and d.seq = p and d.state = 'pending')) as place
  from lane l left join delivery d on d.lane_id = l.id and d.seq between l.head and l.tail and d.state = 'pending'
  where l.head <= l.tail
  group by l.id having count(d.id) <> l.tail - l.head + 1`;

/**
 * Every delivery of every event since $1 (of the organization $2, where it is not null), and a row more for an event that has
 * fewer or more deliveries than it was matched to. `verdict` is a terminal state, the way that an open delivery still has
 * (due, leased, waiting, blocked, closed), or `lost`, with the reason.
 */
export const deliveryStatusSql = `
  with broken as materialized (${brokenLanes}),
  judged as (
    select e.id as event_id, d.id as delivery_id, t.endpoint_id, t.id as destination_id, d.replay_job > 0 as replayed,
      d.state,
      case
        when l.id is null then 'its lane is not there'
        when t.id is null then 'its destination is not there'
        when l.destination_id <> d.destination_id or l.replay_job <> d.replay_job then 'it is in the lane of another'
        when d.state not in ('pending', 'delivered', 'exhausted', 'canceled', 'expired') then 'its state is none'
        when d.state <> 'pending' and d.seq >= l.head then 'it is over, and its lane has yet to come to it'
        when d.state <> 'pending' then null
        when d.seq < l.head then 'the head of its lane has passed it'
        when d.seq > l.tail then 'it is beyond the tail of its lane'
        when t.deleted then 'its endpoint was deleted'
        when b.place <= d.seq then 'nothing is pending at place ' || b.place || ' of its lane'
        when l.next_at = 'infinity' then 'its lane is never due'
        when l.leased_until > now() + ${longestLease} then 'its lane is leased for ever'
        when greatest(t.gate_until, h.gate_until) = 'infinity' then 'its destination is never called'
      end as reason,
      case
        when l.blocked then 'blocked'
        when not t.enabled or t.suspended_at is not null then 'closed'
        when l.leased_until > now() then 'leased'
        when greatest(l.next_at, t.gate_until, h.gate_until) > now() then 'waiting'
        else 'due'
      end as way
    from event e
    join delivery d on d.event_id = e.id
    left join lane l on l.id = d.lane_id
    left join destination t on t.id = d.destination_id
    left join callback_host h on h.host = t.host
    left join broken b on b.id = l.id
    where e.received_at >= $1::timestamptz and ($2::uuid is null or e.organization_id = $2)
  )
  select event_id, delivery_id, endpoint_id, destination_id, replayed,
    case when reason is not null then 'lost' when state = 'pending' then way else state end as verdict, reason, 1 as missing
  from judged
  union all
  select e.id, null, null, null, false, 'lost',
    'matched to ' || e.matched || ', delivered or to be delivered to ' || c.there, abs(e.matched - c.there)
  from event e
  cross join lateral (select count(*)::int as there from delivery d where d.event_id = e.id and d.replay_job = 0) c
  where e.received_at >= $1::timestamptz and ($2::uuid is null or e.organization_id = $2) and c.there <> e.matched`;
