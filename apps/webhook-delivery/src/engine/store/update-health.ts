import type { PoolClient } from 'pg';

import type { AttemptResult } from '../../model/lane-store.ts';
import { emitSuspended } from '../delivery-events/delivery-event.sql.ts';
import { nextHealth, type Health, type HealthInput } from './health.ts';
import type { AffectedDestination } from './record-results.ts';

/**
 * Updates the health of destinations, and of the hosts of callback URLs, if the results change it. Lock order: destinations by
 * id, hosts by name; never a lane.
 */
export async function updateHealth(
  client: PoolClient,
  affected: readonly AffectedDestination[],
  results: readonly AttemptResult[],
  random: () => number,
): Promise<void> {
  const byDelivery = new Map(results.map((result) => [result.deliveryId, result]));
  const signalsOf = ({ attempts }: AffectedDestination): HealthInput[] =>
    attempts.flatMap(({ deliveryId, claimedAt }) => {
      const { outcome, sent, status, requestedPauseMs } = byDelivery.get(deliveryId)!;
      const delivered = outcome === 'delivered';
      return sent ? [{ claimedAt: new Date(claimedAt), delivered, status, requestedPauseMs }] : [];
    });
  const signals = new Map(affected.map((one) => [one.destinationId, signalsOf(one)]));
  await updateDestinations(client, signals, random);
  const hosts = Map.groupBy(
    affected.filter(({ host }) => host !== null),
    ({ host }) => host!,
  );
  if (hosts.size === 0) return;
  const byHost = new Map([...hosts].map(([host, of]) => [host, of.flatMap(signalsOf)]));
  await updateHosts(client, byHost, random);
}

interface DestinationRow {
  id: string;
  is_endpoint: boolean;
  failures: number;
  failing_since: Date | null;
  delivered_at: Date | null;
  trips: number;
  gate_until: Date | null;
  in_flight_limit: number;
  max_in_flight: number;
  suspended: boolean;
  now: Date;
}

async function updateDestinations(
  client: PoolClient,
  signals: ReadonlyMap<string, HealthInput[]>,
  random: () => number,
): Promise<void> {
  const { rows } = await client.query<DestinationRow>({
    name: 'lock-health',
    text: `
      select id, endpoint_id is not null as is_endpoint, failures, failing_since, delivered_at, trips,
        nullif(gate_until, '-infinity') as gate_until, in_flight_limit, max_in_flight, suspended_at is not null as suspended,
        clock_timestamp() as now
      from destination where id = any($1::bigint[]) and not deleted order by id for no key update`,
    values: [[...signals.keys()]],
  });
  const changed = rows.flatMap((row) => {
    const health = healthOf(row);
    // A callback URL has the breaker of its host.
    const rules = { breaker: row.is_endpoint, random };
    const next = nextHealth(health, signals.get(row.id)!, row.now, rules);
    const gone = next.gone && !health.gone && row.is_endpoint;
    const failed = signals.get(row.id)!.some(({ delivered }) => !delivered);
    return differs(health, next) ? [{ id: row.id, ...next, gone, failed }] : [];
  });
  if (changed.length === 0) return;
  await client.query({
    name: 'write-health',
    text: writeHealth,
    values: [
      changed.map(({ id }) => id),
      changed.map(({ failures }) => failures),
      changed.map(({ failingSince }) => failingSince),
      changed.map(({ deliveredAt }) => deliveredAt),
      changed.map(({ trips }) => trips),
      changed.map(({ gateUntil }) => gateUntil),
      changed.map(({ inFlightLimit }) => inFlightLimit),
      changed.map(({ gone }) => gone),
      changed.map(({ failed }) => failed),
    ],
  });
}

const writeHealth = `
  with written as (
    update destination d
    set failures = h.failures, failing_since = h.failing_since, delivered_at = h.delivered_at, trips = h.trips,
      gate_until = coalesce(h.gate_until, '-infinity'), in_flight_limit = h.in_flight_limit,
      suspended_at = case when h.gone then now() else d.suspended_at end,
      suspension = case when h.gone then 'gone' else d.suspension end,
      failed_at = case when h.failed then now() else d.failed_at end
    from unnest($1::bigint[], $2::int[], $3::timestamptz[], $4::timestamptz[], $5::int[], $6::timestamptz[], $7::int[],
      $8::boolean[], $9::boolean[])
      as h (id, failures, failing_since, delivered_at, trips, gate_until, in_flight_limit, gone, failed)
    where d.id = h.id
    returning d.*, h.gone
  )
  ${emitSuspended('(select * from written where gone)')}`;

const healthOf = (row: DestinationRow): Health => ({
  failures: row.failures,
  failingSince: row.failing_since,
  deliveredAt: row.delivered_at,
  trips: row.trips,
  gateUntil: row.gate_until,
  inFlightLimit: row.in_flight_limit,
  maxInFlight: row.max_in_flight,
  gone: row.suspended,
});

const differs = (one: Health, other: Health): boolean =>
  JSON.stringify(one) !== JSON.stringify(other);

interface HostRow {
  host: string;
  failures: number;
  trips: number;
  gate_until: Date | null;
  now: Date;
}

async function updateHosts(
  client: PoolClient,
  signals: ReadonlyMap<string, HealthInput[]>,
  random: () => number,
): Promise<void> {
  const hosts = [...signals.keys()].toSorted();
  await client.query(
    'insert into callback_host (host) select unnest($1::text[]) on conflict (host) do nothing',
    [hosts],
  );
  const { rows } = await client.query<HostRow>(
    `select host, failures, trips, nullif(gate_until, '-infinity') as gate_until, clock_timestamp() as now
     from callback_host where host = any($1::text[]) order by host for update`,
    [hosts],
  );
  for (const row of rows) {
    const health: Health = {
      failures: row.failures,
      failingSince: null,
      deliveredAt: null,
      trips: row.trips,
      gateUntil: row.gate_until,
      inFlightLimit: 1,
      maxInFlight: 1,
      gone: false,
    };
    // Overload, pauses and 410 apply to the URL, not to its host.
    const own = signals
      .get(row.host)!
      .map((signal) => ({ ...signal, status: null, requestedPauseMs: 0 }));
    const next = nextHealth(health, own, row.now, { breaker: true, random });
    if (next.failures === health.failures && next.trips === health.trips) continue;
    await client.query(
      `update callback_host
       set failures = $2, trips = $3, gate_until = coalesce($4::timestamptz, '-infinity'), probing_until = '-infinity' where host = $1`,
      [row.host, next.failures, next.trips, next.gateUntil],
    );
  }
}
