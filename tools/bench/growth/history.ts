import type { Pool } from 'pg';

/** Deliveries per lane, as of a case with some uploads. */
const perLane = 20;

/** Writes endpoints and settled deliveries with their events, lanes and attempts. */
export async function writeHistory(pool: Pool, endpoints: number, rows: number): Promise<void> {
  const lanes = Math.max(endpoints, Math.ceil(rows / perLane));
  const statements: [string, unknown[]][] = [
    [
      `insert into destination (endpoint_id, organization_id, environment, enabled, revision, tokens, delivered_at)
       select md5('endpoint' || n)::uuid, md5('organization' || n)::uuid, 'sandbox', true, 1, 1, now()
       from generate_series(1, $1::int) n`,
      [endpoints],
    ],
    [
      `insert into lane (destination_id, topic, key, feature, head, tail)
       select (n % $2) + 1, 'events.casewire', 'case-' || n, '', c + 1, c
       from generate_series(0, $1::int - 1) n, lateral (select $3::int / $1 + (n < $3::int % $1)::int as c) k`,
      [lanes, endpoints, rows],
    ],
    [
      `insert into event (id, topic, key, type, version, organization_id, environment, feature, occurred_at, data, digest,
         registry_offset, matched)
       select md5('event' || n)::uuid, 'events.casewire', 'case-' || n % $2, 'case.completed', 1,
         md5('organization' || n % $2 % $3 + 1)::uuid, 'sandbox', '', now(), '{"result": "succeeded"}', '\\x00', 1, 1
       from generate_series(0, $1::int - 1) n`,
      [rows, lanes, endpoints],
    ],
    [
      `insert into delivery (lane_id, seq, destination_id, event_id, state, dialect, headers, body, attempts, last_status,
         settled_at)
       select n % $2 + 1, n / $2 + 1, n % $2 % $3 + 1, md5('event' || n)::uuid, 'delivered', 'casewire',
         '{"content-type": "application/json"}', convert_to(repeat('x', 250), 'UTF8'), 1, 200, now()
       from generate_series(0, $1::int - 1) n`,
      [rows, lanes, endpoints],
    ],
    [
      `insert into attempt (delivery_id, number, started_at, duration_ms, request_headers, status, response_headers,
         response_body)
       select id, 1, now(), 1.5, '{"webhook-id": "some"}', 200, '{"server": "some"}', '' from delivery`,
      [],
    ],
  ];
  for (const [text, values] of statements) await pool.query(text, values);
  await pool.query('vacuum analyze');
}
