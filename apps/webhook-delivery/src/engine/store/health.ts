/** How a destination, or a host of callback URLs, is doing. */
export interface Health {
  /** Attempts in a row that failed. */
  failures: number;
  failingSince: Date | null;
  /** When something was last delivered, to within `deliveredAtPrecisionMs`. */
  deliveredAt: Date | null;
  /** How often the breaker opened since the last success. */
  trips: number;
  /** Nothing is sent before. */
  gateUntil: Date | null;
  inFlightLimit: number;
  maxInFlight: number;
  gone: boolean;
}

/** What an attempt says of its destination. */
export interface HealthSignal {
  /** By the store's clock. */
  claimedAt: Date;
  delivered: boolean;
  status: number | null;
  /** For so long it asked not to be called; 0 where it did not. */
  requestedPauseMs: number;
}

export interface HealthRules {
  /** Whether failures in a row open its breaker. */
  breaker: boolean;
  /** In [0, 1). */
  random: () => number;
}

/** Failures in a row, over all lanes, that open the breaker. */
export const failuresToTrip = 10;
const firstPauseMs = 1000;
const longestPauseMs = 5 * 60_000;
/** A destination that delivers is written no more often than this. */
export const deliveredAtPrecisionMs = 5 * 60_000;

/** Answers by which an endpoint says that it has too much to do. */
const overloaded = new Set([429, 502, 503, 504]);

/**
 * A destination's health after some attempts of the same moment.
 * - Any success closes the breaker, and lets one more request be in flight, up to what is allowed.
 * - Ten failures in a row open it: nothing is sent for 1 s, 2 s, 4 s ... 5 min; then one request decides. What was under way
 *   when it opened says nothing more.
 * - Being overloaded halves what may be in flight, once for all that came at the same moment.
 * - Being asked to wait closes the gate for so long.
 * The gate only delays: no attempt is counted while it is closed.
 */
export function nextHealth(
  health: Health,
  signs: readonly HealthSignal[],
  now: Date,
  { breaker, random }: HealthRules,
): Health {
  const next = { ...health };
  if (signs.some(({ delivered }) => delivered)) {
    next.failures = 0;
    next.failingSince = null;
    if (next.trips > 0) next.gateUntil = null;
    next.trips = 0;
    next.inFlightLimit = Math.min(next.maxInFlight, next.inFlightLimit + 1);
    const known = next.deliveredAt?.getTime() ?? -Infinity;
    if (now.getTime() - known >= deliveredAtPrecisionMs) next.deliveredAt = now;
  } else if (breaker && signs.length > 0) {
    const failed = signs.filter(({ claimedAt }) => claimedAt >= (health.gateUntil ?? new Date(0)));
    next.failures += failed.length;
    next.failingSince ??= now;
    if (failed.length > 0 && next.failures >= failuresToTrip) {
      const pause = Math.min(firstPauseMs * 2 ** next.trips, longestPauseMs);
      next.gateUntil = new Date(now.getTime() + pause * (0.9 + 0.2 * random()));
      next.trips++;
      next.inFlightLimit = 1;
    }
  }
  if (signs.some(({ status }) => status !== null && overloaded.has(status)))
    next.inFlightLimit = Math.max(1, Math.min(next.inFlightLimit, health.inFlightLimit >> 1));
  const holdOff = Math.max(0, ...signs.map(({ requestedPauseMs }) => requestedPauseMs));
  const askedFor = now.getTime() + holdOff;
  if (holdOff > 0 && askedFor > (next.gateUntil?.getTime() ?? 0))
    next.gateUntil = new Date(askedFor);
  next.gone ||= signs.some(({ status }) => status === 410);
  return next;
}
