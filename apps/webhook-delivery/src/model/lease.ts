/** How long a claim lasts, in seconds. Every attempt must end within it, and its result must be recorded. */
export const leaseSeconds = 30;

/** What remains of a lease after an attempt's timeout, in milliseconds: time to record the result. */
export const recordMarginMs = 5000;

/** The longest lease that is plausible, in seconds: a claim sets `leaseSeconds`. A lane with a longer lease has invalid data. */
export const longestLeaseSeconds = 10 * leaseSeconds;

/** A dialect allows an attempt to take longer than a lease lasts: another instance would send the delivery a second time. */
export class LeaseTooShort extends Error {
  readonly code = 'LEASE_TOO_SHORT';
  readonly retriable = false;
  constructor(dialect: string, timeoutMs: number) {
    super(
      `dialect ${dialect}: its timeout of ${timeoutMs} ms and the margin of ${recordMarginMs} ms do not fit into a lease of ${leaseSeconds * 1000} ms`,
    );
  }
}

/**
 * Checks that an attempt of every dialect, and the margin after it, fit into a lease.
 * @param dialects by name, each with the timeout of an attempt in milliseconds
 * @throws LeaseTooShort for the first dialect that does not fit
 */
export function checkLease(dialects: Readonly<Record<string, { timeoutMs: number }>>): void {
  for (const [name, { timeoutMs }] of Object.entries(dialects))
    if (timeoutMs + recordMarginMs > leaseSeconds * 1000) throw new LeaseTooShort(name, timeoutMs);
}
