import { nextHealth, type Health, type HealthSignal } from '../../src/engine/store/health.ts';
import type { CountedResult } from './attempt-results.ts';
import { never, type DestinationRow, type HostRow, type MemoryTables } from './memory-tables.ts';

const dateOf = (moment: number | null): Date | null =>
  moment === null || moment === never ? null : new Date(moment);

/** Writes down what outcomes say of their destinations, and of the hosts of callback URLs. */
export function updateHealth(
  tables: MemoryTables,
  counted: readonly CountedResult[],
  random: () => number,
): void {
  const sent = counted.filter(({ result: outcome }) => outcome.sent);
  for (const [destination, of] of Map.groupBy(sent, (one) => one.destination))
    if (!destination.deleted) recordDestination(tables, destination, of.map(signOf), random);
  const hosts = Map.groupBy(sent, ({ destination }) => destination.callback?.host);
  for (const [host, of] of hosts)
    if (host !== undefined) recordHost(tables, host, of.map(signOf), random);
}

const signOf = ({
  result: { outcome, status, requestedPauseMs },
  claimedAt,
}: CountedResult): HealthSignal => ({
  claimedAt,
  delivered: outcome === 'delivered',
  status,
  requestedPauseMs,
});

function recordDestination(
  tables: MemoryTables,
  destination: DestinationRow,
  signs: readonly HealthSignal[],
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
  // The breaker of a callback URL is its host's.
  const next = nextHealth(health, signs, new Date(tables.now), { breaker: isEndpoint, random });
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

function recordHost(
  tables: MemoryTables,
  name: string,
  signs: readonly HealthSignal[],
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
  // What a URL asks for is for that URL.
  const own = signs.map((sign) => ({ ...sign, status: null, requestedPauseMs: 0 }));
  const next = nextHealth(health, own, new Date(tables.now), { breaker: true, random });
  if (next.failures === host.failures && next.trips === host.trips) return;
  host.failures = next.failures;
  host.trips = next.trips;
  host.gateUntil = next.gateUntil?.getTime() ?? never;
  host.probingUntil = never;
}
