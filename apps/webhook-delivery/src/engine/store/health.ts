/** The health of a destination, or of a host of callback URLs. */
export interface Health {
  /** Consecutive failed attempts. */
  failures: number;
  failingSince: Date | null;
  /** The time of the last delivery, with a precision of `deliveredAtPrecisionMs`. */
  deliveredAt: Date | null;
  /** How often the breaker opened since the last success. */
  trips: number;
  /** The gate: nothing is sent before this time. */
  gateUntil: Date | null;
  inFlightLimit: number;
  maxInFlight: number;
  /** Whether the endpoint answered 410. */
  gone: boolean;
}

/** The part of an attempt result that counts for the health. */
export interface HealthInput {
  /** When the attempt was claimed, by the clock of the database. */
  claimedAt: Date;
  delivered: boolean;
  status: number | null;
  /** The pause that the destination requested, in milliseconds; 0 without a request. */
  requestedPauseMs: number;
}

export interface HealthRules {
  /** Whether consecutive failures open its breaker. */
  breaker: boolean;
  /** Random numbers in [0, 1): vary how long the breaker stays open. */
  random: () => number;
}

/** How many consecutive failures, over all lanes, open the breaker. */
export const failuresToTrip = 10;
const firstPauseMs = 1000;
const maxPauseMs = 5 * 60_000;
/** The row of a destination that delivers is written no more often than this. */
export const deliveredAtPrecisionMs = 5 * 60_000;

/** Statuses of an overloaded endpoint. */
const overloaded = new Set([429, 502, 503, 504]);

/**
 * The health of a destination after attempt results that are recorded together.
 * - Any success closes the breaker and raises the in-flight limit by one, up to the endpoint's maximum.
 * - Ten consecutive failures open it: nothing is sent for 1 s, 2 s, 4 s ... 5 min; then one request decides. Attempts that were
 *   in flight when it opened do not count.
 * - An overload halves the in-flight limit, once for all results that are recorded together.
 * - A requested pause closes the gate for its duration.
 * The gate only delays: no attempt is counted while it is closed.
 */
export function nextHealth(
  health: Health,
  signals: readonly HealthInput[],
  now: Date,
  { breaker, random }: HealthRules,
): Health {
  const next = { ...health };
  if (signals.some(({ delivered }) => delivered)) {
    next.failures = 0;
    next.failingSince = null;
    if (next.trips > 0) next.gateUntil = null;
    next.trips = 0;
    next.inFlightLimit = Math.min(next.maxInFlight, next.inFlightLimit + 1);
    const known = next.deliveredAt?.getTime() ?? -Infinity;
    if (now.getTime() - known >= deliveredAtPrecisionMs) next.deliveredAt = now;
  } else if (breaker && signals.length > 0) {
    const failed = signals.filter(
      ({ claimedAt }) => claimedAt >= (health.gateUntil ?? new Date(0)),
    );
    next.failures += failed.length;
    next.failingSince ??= now;
    if (failed.length > 0 && next.failures >= failuresToTrip) {
      const pause = Math.min(firstPauseMs * 2 ** next.trips, maxPauseMs);
      next.gateUntil = new Date(now.getTime() + pause * (0.9 + 0.2 * random()));
      next.trips++;
      next.inFlightLimit = 1;
    }
  }
  if (signals.some(({ status }) => status !== null && overloaded.has(status)))
    next.inFlightLimit = Math.max(1, Math.min(next.inFlightLimit, health.inFlightLimit >> 1));
  const pauseMs = Math.max(0, ...signals.map(({ requestedPauseMs }) => requestedPauseMs));
  const pausedUntil = now.getTime() + pauseMs;
  if (pauseMs > 0 && pausedUntil > (next.gateUntil?.getTime() ?? 0))
    next.gateUntil = new Date(pausedUntil);
  next.gone ||= signals.some(({ status }) => status === 410);
  return next;
}
