import type { Pool, QueryResultRow } from 'pg';

import type {
  LaneInspection,
  StoredAttempt,
  StoredDelivery,
  StoredDestination,
  StoredEvent,
  StoredLane,
} from './lane-inspection.ts';

/** Timestamp columns, by table. */
const timestamps: Record<string, string[]> = {
  lane: ['next_at', 'leased_until'],
  delivery: ['created_at', 'settled_at'],
  destination: [
    'gate_until',
    'disabled_at',
    'suspended_at',
    'failing_since',
    'failed_at',
    'delivered_at',
    'tokens_at',
  ],
  callback_host: ['gate_until', 'probing_until'],
};

/** Reads the rows of the lane store in PostgreSQL; requires `lane_faults()`. */
export function inspectPostgres(pool: Pool): LaneInspection {
  const rows = async <T extends QueryResultRow>(sql: string) => (await pool.query<T>(sql)).rows;
  return {
    deliveries: () =>
      rows<StoredDelivery>(`
        select d.id, d.event_id as "eventId", d.lane_id as "laneId", d.seq::int, d.destination_id as "destinationId",
          t.endpoint_id as "endpointId", nullif(d.replay_job, 0)::text as "replayJob", d.state, d.attempts,
          d.last_status as "lastStatus", d.last_error as "lastError", d.headers, d.body is null as scrubbed
        from delivery d join destination t on t.id = d.destination_id order by d.id`),
    attempts: () =>
      rows<StoredAttempt>(`
        select delivery_id as "deliveryId", number, status, error, convert_from(request_body, 'UTF8') as "requestBody",
          response_headers as "responseHeaders", convert_from(response_body, 'UTF8') as "responseBody", next_attempt_at is not null as followed
        from attempt order by started_at, number`),
    lanes: () =>
      rows<StoredLane>(`
        select id, destination_id as "destinationId", key, feature, nullif(replay_job, 0)::text as "replayJob", head::int,
          tail::int, attempts, gap, blocked, lease_holder is not null as leased,
          (extract(epoch from next_at - now()) * 1000)::float8 as "dueInMs"
        from lane order by id`),
    destinations: () =>
      rows<StoredDestination>(`
        select t.id, endpoint_id as "endpointId", t.host, callback_url as "callbackUrl", enabled, deleted, suspension,
          coalesce(h.failures, t.failures) as failures, failing_since is not null as failing,
          delivered_at is not null as delivered, coalesce(h.trips, t.trips) as trips,
          (case when greatest(t.gate_until, h.gate_until) <= now() then 0
            else extract(epoch from greatest(t.gate_until, h.gate_until) - now()) * 1000 end)::float8 as "gateMs",
          in_flight_limit as "inFlightLimit"
        from destination t left join callback_host h on h.host = t.host order by t.id`),
    events: async () =>
      (
        await rows<Omit<StoredEvent, 'offset'> & { offset: string }>(`
          select id, matched, partition, record_offset as offset, subject, correlation_id as "correlationId",
            callback_url as "callbackUrl", misplaced, data is null as erased
          from event order by partition, record_offset`)
      ).map((row) => ({ ...row, offset: BigInt(row.offset) })),
    faults: async () =>
      (await rows<{ fault: string; lane: string; seq: string }>('select * from lane_faults()')).map(
        ({ fault, lane, seq }) => `${fault}: lane ${lane}, place ${seq}`,
      ),
    now: async () => (await rows<{ now: Date }>('select clock_timestamp() as now'))[0]!.now,
    timePasses: async (ms) => {
      for (const [table, columns] of Object.entries(timestamps)) {
        const set = columns.map((one) => `${one} = ${one} - make_interval(secs => $1)`);
        await pool.query(`update ${table} set ${set.join(', ')}`, [ms / 1000]);
      }
    },
  };
}
