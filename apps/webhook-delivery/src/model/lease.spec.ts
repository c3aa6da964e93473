import { dialects } from '@casewire/webhooks';
import { expect, test } from 'vitest';

import { checkLease, leaseSeconds, LeaseTooShort, recordMarginMs } from './lease.ts';

const longestTimeoutMs = leaseSeconds * 1000 - recordMarginMs;

test('an attempt of every dialect fits into a lease', () => {
  expect(() => checkLease(dialects)).not.toThrow();
});

test('a timeout that with the margin is exactly as long as a lease fits', () => {
  expect(() => checkLease({ exact: { timeoutMs: longestTimeoutMs } })).not.toThrow();
});

test('a timeout that is one millisecond longer is refused, by dialect and numbers', () => {
  const given = { casewire: dialects.casewire, slow: { timeoutMs: longestTimeoutMs + 1 } };
  expect(() => checkLease(given)).toThrow(LeaseTooShort);
  expect(() => checkLease(given)).toThrow(
    expect.objectContaining({
      code: 'LEASE_TOO_SHORT',
      message:
        'dialect slow: its timeout of 25001 ms and the margin of 5000 ms do not fit into a lease of 30000 ms',
    }),
  );
});
