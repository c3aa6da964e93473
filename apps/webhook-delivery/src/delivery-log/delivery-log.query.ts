import type { AttemptView, DeliveryState, DeliveryView } from '@casewire/contracts';
import type { Pool } from 'pg';

export interface DeliveryFilter {
  endpointId?: string | undefined;
  eventType?: string | undefined;
  eventId?: string | undefined;
  state?: DeliveryState | undefined;
}

export interface Owner {
  organizationId: string;
  environment: string;
}

interface DeliveryRow {
  id: string;
  event_id: string;
  type: string;
  version: number;
  endpoint_id: string | null;
  state: DeliveryState;
  seq: string;
  attempts: number;
  next_attempt_at: Date | null;
  occurred_at: Date;
  created_at: Date;
  settled_at: Date | null;
  last_status: number | null;
  last_error: string | null;
}

const select = `
  select d.id, d.event_id, e.type, e.version, t.endpoint_id, d.state, d.seq, d.attempts, e.occurred_at, d.created_at, d.settled_at,
    d.last_status, d.last_error,
    case when d.state = 'pending' and l.head = d.seq and not l.held then l.next_at end as next_attempt_at
  from destination t
  join delivery d on d.destination_id = t.id
  join event e on e.id = d.event_id
  join lane l on l.id = d.lane_id
  where t.organization_id = $1 and t.environment = $2`;

/** An owner's deliveries, the newest first, from behind an id on; one more than the limit where there are more. */
export async function deliveryList(
  pool: Pool,
  { organizationId, environment }: Owner,
  { endpointId, eventType, eventId, state }: DeliveryFilter,
  limit: number,
  before: string | null,
): Promise<DeliveryView[]> {
  const { rows } = await pool.query<DeliveryRow>(
    `${select}
     and ($3::uuid is null or t.endpoint_id = $3) and ($4::text is null or e.type = $4)
     and ($5::uuid is null or d.event_id = $5) and ($6::text is null or d.state = $6)
     and ($7::bigint is null or d.id < $7)
     order by d.id desc limit $8`,
    [organizationId, environment, endpointId, eventType, eventId, state, before, limit + 1],
  );
  return rows.map(view);
}

export async function deliveryById(
  pool: Pool,
  owner: Owner,
  id: string,
): Promise<DeliveryView | undefined> {
  const { rows } = await pool.query<DeliveryRow>(`${select} and d.id = $3`, [
    owner.organizationId,
    owner.environment,
    id,
  ]);
  return rows[0] && view(rows[0]);
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

/** Every attempt of a delivery, in their order. */
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

const view = (row: DeliveryRow): DeliveryView => ({
  id: row.id,
  eventId: row.event_id,
  eventType: row.type,
  eventVersion: row.version,
  endpointId: row.endpoint_id,
  callbackUrl: null,
  state: row.state,
  sequence: Number(row.seq),
  replayId: null,
  held: false,
  attempts: row.attempts,
  nextAttemptAt: row.next_attempt_at?.toISOString() ?? null,
  occurredAt: row.occurred_at.toISOString(),
  createdAt: row.created_at.toISOString(),
  settledAt: row.settled_at?.toISOString() ?? null,
  lastStatus: row.last_status,
  lastError: row.last_error,
});
