import { Topics, type AttemptView, type DeliveryState } from '@casewire/contracts';
import { named } from '@casewire/service';
import type { Pool } from 'pg';

import type { Tenant } from '../../model/tenant.ts';

export interface DeliveryFilter {
  endpointId?: string | undefined;
  eventType?: string | undefined;
  eventId?: string | undefined;
  /** The key of the events of a case. */
  caseId?: string | undefined;
  /** The key of the events of an order. */
  orderId?: string | undefined;
  replayId?: string | undefined;
  state?: DeliveryState | undefined;
}

export interface DeliveryRow {
  id: string;
  event_id: string;
  type: string;
  version: number;
  endpoint_id: string | null;
  callback_hash: Buffer | null;
  /** Sealed; null also if it was erased. */
  callback_url: string | null;
  state: DeliveryState;
  seq: string;
  replay_job: string;
  blocked: boolean;
  attempts: number;
  next_attempt_at: Date | null;
  occurred_at: Date;
  created_at: Date;
  settled_at: Date | null;
  last_status: number | null;
  last_error: string | null;
}

const columns = `
  d.id, d.event_id, e.type, d.version, t.endpoint_id, t.callback_hash, t.callback_url, d.state, d.seq, d.replay_job,
  d.attempts, e.occurred_at, d.created_at, d.settled_at, d.last_status, d.last_error,
  d.state = 'pending' and l.blocked as blocked,
  case when d.state = 'pending' and l.head = d.seq and not l.blocked then l.next_at end as next_attempt_at`;
const joined = `
  join destination t on t.id = d.destination_id
  join event e on e.id = d.event_id
  join lane l on l.id = d.lane_id`;

const owned = `t.organization_id = :organizationId and t.environment = :environment
  and (:endpointId::uuid is null or t.endpoint_id = :endpointId)`;
// A null parameter means no condition, at no cost. `coalesce` instead of `or` lets the comparison of ids use an index.
const matching = `
  d.id < coalesce(:before::bigint, 9223372036854775807)
  and (:eventType::text is null or (select type from event where id = d.event_id) = :eventType)
  and (:eventId::uuid is null or d.event_id = :eventId) and (:state::text is null or d.state = :state)
  and (:replayId::bigint is null or d.replay_job = :replayId)`;

// Reads the newest matching row of each destination first. A page has rows only of the destinations whose newest row is among the
// newest `limit` of these, so that further rows are read of those destinations only.
const newestOfDestinations = `
  with nearest as materialized (
    select t.id, newest.id as newest
    from destination t cross join lateral (
      select d.id from delivery d where d.destination_id = t.id and ${matching} order by d.id desc limit 1) newest
    where ${owned}
    order by newest.id desc limit :limit
  )
  select d.id from nearest n cross join lateral (
    select d.id from delivery d where d.destination_id = n.id and ${matching} order by d.id desc limit :limit) d
  order by d.id desc limit :limit`;

const newestMatching = (narrow: string): string => `
  select d.id from delivery d
  where ${narrow} and ${matching} and exists (select from destination t where t.id = d.destination_id and ${owned})
  order by d.id desc limit :limit`;

// Reads the events of the case or the order, and the deliveries of each of them: with `offset 0` the planner joins in this way only.
const ofKey = `
  select d.id from event e cross join lateral (
    select d.* from delivery d where d.event_id = e.id offset 0) d
  where e.topic = '${Topics.casewireEvents}' and e.key = coalesce(:caseId::text, :orderId)
    and e.key = coalesce(:orderId::text, :caseId) and ${matching}
    and exists (select from destination t where t.id = d.destination_id and ${owned})
  order by d.id desc limit :limit`;

const foundBy = ({ eventId, caseId, orderId, replayId }: DeliveryFilter): string => {
  if (caseId !== undefined || orderId !== undefined) return ofKey;
  if (eventId !== undefined) return newestMatching('d.event_id = :eventId');
  if (replayId !== undefined)
    return newestMatching('d.replay_job = :replayId and d.replay_job > 0');
  return newestOfDestinations;
};

/** The tenant's deliveries before an id, newest first. Returns one more than the limit if there are more. */
export async function deliveryList(
  pool: Pool,
  { organizationId, environment }: Tenant,
  filter: DeliveryFilter,
  limit: number,
  before: string | null,
): Promise<DeliveryRow[]> {
  const { endpointId, eventType, eventId, caseId, orderId, state, replayId } = filter;
  const { rows } = await pool.query<DeliveryRow>(
    named(
      `with found as materialized (${foundBy(filter)})
       select ${columns} from found join delivery d on d.id = found.id ${joined} order by d.id desc`,
      {
        organizationId,
        environment,
        endpointId,
        eventType,
        eventId,
        ...((caseId !== undefined || orderId !== undefined) && { caseId, orderId }),
        state,
        replayId,
        before,
        limit: limit + 1,
      },
    ),
  );
  return rows;
}

export async function deliveryById(
  pool: Pool,
  { organizationId, environment }: Tenant,
  id: string,
): Promise<DeliveryRow | undefined> {
  const { rows } = await pool.query<DeliveryRow>(
    `select ${columns} from delivery d ${joined}
     where d.id = $3 and t.organization_id = $1 and t.environment = $2`,
    [organizationId, environment, id],
  );
  return rows[0];
}

interface AttemptRow {
  number: number;
  started_at: Date;
  duration_ms: number;
  request_headers: Record<string, string>;
  body: Buffer | null;
  status: number | null;
  response_headers: Record<string, string> | null;
  response_body: Buffer | null;
  error: string | null;
  next_attempt_at: Date | null;
}

/** All attempts of a delivery, in order. */
export async function attemptsOf(pool: Pool, deliveryId: string): Promise<AttemptView[]> {
  const { rows } = await pool.query<AttemptRow>(
    `select a.number, a.started_at, a.duration_ms, case when a.request_headers = '{}' then '{}' else d.headers || a.request_headers end as request_headers,
       coalesce(a.request_body, d.body) as body, a.status, a.response_headers,
       a.response_body, a.error, a.next_attempt_at
     from attempt a join delivery d on d.id = a.delivery_id
     where a.delivery_id = $1 order by a.number, a.started_at`,
    [deliveryId],
  );
  return rows.map((row) => ({
    number: row.number,
    startedAt: row.started_at.toISOString(),
    durationMs: row.duration_ms,
    requestHeaders: row.request_headers,
    requestBody: row.body?.toString() ?? '',
    status: row.status,
    responseHeaders: row.response_headers,
    responseBody: row.response_body?.toString() ?? null,
    error: row.error,
    nextAttemptAt: row.next_attempt_at?.toISOString() ?? null,
  }));
}
