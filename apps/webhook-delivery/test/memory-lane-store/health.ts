import { nextHealth, type Health, type HealthInput } from '../../src/engine/store/health.ts';
import type { CountedResult } from './attempt-results.ts';
import { never, type DestinationRow, type HostRow, type MemoryTables } from './memory-tables.ts';

const dateOf = (time: number | null): Date | null =>
  time === null || time === never ? null : new Date(time);

/** Updates the health of the destinations, and of the hosts of callback URLs. */
export function updateHealth(
  tables: MemoryTables,
  counted: readonly CountedResult[],
  random: () => number,
): void {
  const sent = counted.filter(({ result }) => result.sent);
  for (const [destination, of] of Map.groupBy(sent, (one) => one.destination))
    if (!destination.deleted) updateDestination(tables, destination, of.map(signalOf), random);
  const hosts = Map.groupBy(sent, ({ destination }) => destination.callback?.host);
  for (const [host, of] of hosts)
    if (host !== undefined) updateHost(tables, host, of.map(signalOf), random);
}

const signalOf = ({
  result: { outcome, status, requestedPauseMs },
  claimedAt,
}: CountedResult): HealthInput => ({
  claimedAt,
  delivered: outcome === 'delivered',
  status,
  requestedPauseMs,
});

function updateDestination(
  tables: MemoryTables,
  destination: DestinationRow,
  signals: readonly HealthInput[],
  random: () => number,
): void {
  const { failures, trips, inFlightLimit, maxInFlight } = destination;
  const health: Health = {
    failures,
    trips,
    inFlightLimit,
    maxInFlight,
    failingSince: dateOf(destination.failingSince),
    deliveredAt: dateOf(destination.deliveredAt),
    gateUntil: dateOf(destination.gateUntil),
    gone: destination.suspendedAt !== null,
  };
  const isEndpoint = destination.endpointId !== null;
  // A callback URL has the breaker of its host.
  const next = nextHealth(health, signals, new Date(tables.now), { breaker: isEndpoint, random });
  destination.failures = next.failures;
  destination.trips = next.trips;
  destination.inFlightLimit = next.inFlightLimit;
  destination.failingSince = next.failingSince?.getTime() ?? null;
  destination.deliveredAt = next.deliveredAt?.getTime() ?? null;
  destination.gateUntil = next.gateUntil?.getTime() ?? never;
  if (next.gone && isEndpoint) {
    destination.suspendedAt ??= tables.now;
    destination.suspension ??= 'gone';
  }
}

function updateHost(
  tables: MemoryTables,
  name: string,
  signals: readonly HealthInput[],
  random: () => number,
): void {
  const host: HostRow = tables.hosts.get(name) ?? {
    failures: 0,
    trips: 0,
    gateUntil: never,
    probingUntil: never,
  };
  tables.hosts.set(name, host);
  const health: Health = {
    failures: host.failures,
    failingSince: null,
    deliveredAt: null,
    trips: host.trips,
    gateUntil: dateOf(host.gateUntil),
    inFlightLimit: 1,
    maxInFlight: 1,
    gone: false,
  };
  // Overload, pauses and 410 apply to the URL, not to its host.
  const own = signals.map((signal) => ({ ...signal, status: null, requestedPauseMs: 0 }));
  const next = nextHealth(health, own, new Date(tables.now), { breaker: true, random });
  if (next.failures === host.failures && next.trips === host.trips) return;
  host.failures = next.failures;
  host.trips = next.trips;
  host.gateUntil = next.gateUntil?.getTime() ?? never;
  host.probingUntil = never;
}
