import { longestLeaseSeconds } from '../model/lease.ts';

/** A lane with a lease that ends later than this from now is broken: no claim takes such a long lease. */
const longestLease = `interval '${longestLeaseSeconds} seconds'`;

/**
 * Lanes with a position between head and tail at which no delivery is pending (`missing_seq` is the first of them). Nothing
 * from there on can ever be sent, because a claim finds no delivery when the head reaches that position.
 */
const brokenLanes = `
  select l.id, (
      select min(s) from generate_series(l.head, l.tail) s
      where not exists (select from delivery d where d.lane_id = l.id and d.seq = s and d.state = 'pending')) as missing_seq
  from lane l left join delivery d on d.lane_id = l.id and d.seq between l.head and l.tail and d.state = 'pending'
  where l.head <= l.tail
  group by l.id having count(d.id) <> l.tail - l.head + 1`;

/**
 * All deliveries of all events since $1 (of the organization $2, if that is not null), and one more row for each event that
 * has fewer or more deliveries than destinations it was matched to. `status` is a terminal state, the state of an open
 * delivery's lane (due, leased, waiting, blocked, closed), or `lost`, with the reason.
 */
export const deliveryStatusSql = `
  with broken as materialized (${brokenLanes}),
  checked as (
    select e.id as event_id, d.id as delivery_id, t.endpoint_id, t.id as destination_id, d.replay_job > 0 as replayed,
      d.state,
      case
        when l.id is null then 'its lane is missing'
        when t.id is null then 'its destination is missing'
        when l.destination_id <> d.destination_id or l.replay_job <> d.replay_job then 'it is in a lane of another destination or replay'
        when d.state not in ('pending', 'delivered', 'exhausted', 'canceled', 'expired') then 'its state is unknown'
        when d.state <> 'pending' and d.seq >= l.head then 'it is settled, but the head of its lane has not passed it'
        when d.state <> 'pending' then null
        when d.seq < l.head then 'the head of its lane has passed it'
        when d.seq > l.tail then 'it is after the tail of its lane'
        when t.deleted then 'its endpoint was deleted'
        when b.missing_seq <= d.seq then 'no delivery is pending at position ' || b.missing_seq || ' of its lane'
        when l.next_at = 'infinity' then 'its lane is never due'
        when l.leased_until > now() + ${longestLease} then 'the lease of its lane never ends'
        when greatest(t.gate_until, h.gate_until) = 'infinity' then 'its destination is never called'
      end as reason,
      case
        when l.blocked then 'blocked'
        when not t.enabled or t.suspended_at is not null then 'closed'
        when l.leased_until > now() then 'leased'
        when greatest(l.next_at, t.gate_until, h.gate_until) > now() then 'waiting'
        else 'due'
      end as open_status
    from event e
    join delivery d on d.event_id = e.id
    left join lane l on l.id = d.lane_id
    left join destination t on t.id = d.destination_id
    left join callback_host h on h.host = t.host
    left join broken b on b.id = l.id
    where e.received_at >= $1::timestamptz and ($2::uuid is null or e.organization_id = $2)
  )
  select event_id, delivery_id, endpoint_id, destination_id, replayed,
    case when reason is not null then 'lost' when state = 'pending' then open_status else state end as status, reason, 1 as missing
  from checked
  union all
  select e.id, null, null, null, false, 'lost',
    'matched to ' || e.matched || ' destinations, has ' || c.deliveries || ' deliveries', abs(e.matched - c.deliveries)
  from event e
  cross join lateral (select count(*)::int as deliveries from delivery d where d.event_id = e.id and d.replay_job = 0) c
  where e.received_at >= $1::timestamptz and ($2::uuid is null or e.organization_id = $2) and c.deliveries <> e.matched`;
