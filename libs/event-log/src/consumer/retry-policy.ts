/** What happens to a record whose handler failed: `retry` up to the limit, `reject` to the dead letters at once, `wait`: retry without a limit. */
export type FailureAction = 'retry' | 'reject' | 'wait';

export interface RetryPolicy {
  /** Number of tries before a record is dead-lettered. Default 5. */
  tries?: number;
  /** Wait before the second try, in milliseconds; doubles with each further try. Default 200. */
  backoffMs?: number;
  /** Longest wait between two tries, in milliseconds. Default 10,000. */
  maxBackoffMs?: number;
  /** Classifies the errors that it knows; for `undefined` {@link classifyFailure} decides. */
  classify?: (error: unknown) => FailureAction | undefined;
}

// Connections that failed, and errors of this library: a dependency is unavailable, and not the record is the cause.
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

// SQLSTATE classes 08 (connection), 53 (insufficient resources) and 57P (operator intervention): the database is unavailable or full.
const databaseUnavailable = /^(?:08...|53...|57P..)$/;

/**
 * Classifies the error of a handler: `retriable: false` is `reject`; `retriable: 'forever'`, failed
 * connections and an unavailable database are `wait`; everything else is `retry`.
 */
export function classifyFailure(error: unknown): FailureAction {
  if (typeof error !== 'object' || error === null) return 'retry';
  const { retriable, code } = error as { retriable?: unknown; code?: unknown };
  if (retriable === false) return 'reject';
  if (retriable === 'forever') return 'wait';
  if (typeof code === 'string' && (connectionErrors.has(code) || databaseUnavailable.test(code))) {
    return 'wait';
  }
  return 'retry';
}

/**
 * Milliseconds to wait after the given number of failed tries (1 after the first), doubling up to the policy's limit.
 * `random` in [0, 1) spreads the wait over its upper half, so that records that failed together are not retried together.
 */
export function backoff(policy: RetryPolicy, failures: number, random: number): number {
  const { backoffMs = 200, maxBackoffMs = 10_000 } = policy;
  const full = Math.min(maxBackoffMs, backoffMs * 2 ** Math.min(failures - 1, 30));
  return full * (0.5 + random / 2);
}
