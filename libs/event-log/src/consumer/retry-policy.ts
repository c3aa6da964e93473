/** What becomes of a record whose handler failed: another try, the dead letters at once, or as many tries as it takes. */
export type FailureAction = 'retry' | 'reject' | 'wait';

export interface RetryPolicy {
  /** How often a record is tried before it goes to the dead letters. Default 5. */
  tries?: number;
  /** Wait before the second try, in milliseconds; doubles with each further try. Default 200. */
  backoffMs?: number;
  /** Longest wait between two tries, in milliseconds. Default 10,000. */
  maxBackoffMs?: number;
  /** Decides about errors it knows; `undefined` leaves an error to {@link classifyFailure}. */
  classify?: (error: unknown) => FailureAction | undefined;
}

// Sockets that could not be opened or broke: the other side is away, the record is not at fault.
const connectionErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EVENT_LOG_UNAVAILABLE',
  'VIEW_STALE',
]);

// SQLSTATE classes 08 (connection), 53 (insufficient resources) and 57P (operator intervention): the database is away or full.
const databaseAway = /^(?:08...|53...|57P..)$/;

/**
 * The verdict on a handler's error: `retriable: false` rejects, `retriable: 'forever'` and errors of a broken
 * connection or an absent database wait, everything else is tried again.
 */
export function classifyFailure(error: unknown): FailureAction {
  if (typeof error !== 'object' || error === null) return 'retry';
  const { retriable, code } = error as { retriable?: unknown; code?: unknown };
  if (retriable === false) return 'reject';
  if (retriable === 'forever') return 'wait';
  if (typeof code === 'string' && (connectionErrors.has(code) || databaseAway.test(code))) {
    return 'wait';
  }
  return 'retry';
}

/**
 * Milliseconds to wait after the given number of failed tries (1 after the first), doubling up to the policy's limit.
 * `random` in [0, 1) spreads it over the upper half, so that what failed together does not come back together.
 */
export function backoff(policy: RetryPolicy, failures: number, random: number): number {
  const { backoffMs = 200, maxBackoffMs = 10_000 } = policy;
  const full = Math.min(maxBackoffMs, backoffMs * 2 ** Math.min(failures - 1, 30));
  return full * (0.5 + random / 2);
}
