import { expect, test } from 'vitest';

import {
  EventLogUnavailable,
  InfrastructureError,
  RecordUnreadable,
  ViewStale,
} from '../client/errors.ts';
import { Failures } from './failures.ts';
import { backoff, classifyFailure } from './retry-policy.ts';

const withCode = (code: string) => Object.assign(new Error(code), { code });

test('an error that cannot be retried is rejected, and one of unavailable infrastructure waits', () => {
  expect(classifyFailure(new RecordUnreadable('gibberish'))).toBe('reject');
  expect(classifyFailure(new InfrastructureError('database'))).toBe('wait');
  expect(classifyFailure(new EventLogUnavailable('sending', 'gone'))).toBe('wait');
  expect(classifyFailure(new ViewStale('registry.endpoints', 3n))).toBe('wait');
  for (const code of ['ECONNREFUSED', 'ECONNRESET', '08006', '53300', '57P01']) {
    expect(classifyFailure(withCode(code))).toBe('wait');
  }
});

test('any other error is retried', () => {
  for (const error of [new Error('bug'), withCode('23505'), withCode('40001'), 'text', null]) {
    expect(classifyFailure(error)).toBe('retry');
  }
});

test('the wait doubles up to its limit, and is spread over its upper half', () => {
  const policy = { backoffMs: 100, maxBackoffMs: 1_000 };
  expect([1, 2, 3, 4, 5, 500].map((failures) => backoff(policy, failures, 1))).toEqual([
    100, 200, 400, 800, 1_000, 1_000,
  ]);
  expect(backoff(policy, 3, 0)).toBe(200);
});

test('failures because of an unavailable dependency do not count against a record', () => {
  const failures = new Failures({ tries: 2 });
  for (let n = 0; n < 10; n += 1) failures.add(withCode('ECONNREFUSED'));
  expect(failures.final).toBe(false);
  failures.add(new Error('bug'));
  expect(failures.final).toBe(false);
  failures.add(new Error('bug'));
  expect(failures.final).toBe(true);
  expect(failures.tries).toBe(2);
});

test('a policy classifies the errors that it knows, and the others are classified by default', () => {
  const failures = new Failures({
    classify: (error) => (error instanceof RangeError ? 'wait' : undefined),
  });
  failures.add(new RangeError('known'));
  expect(failures.action).toBe('wait');
  failures.add(new RecordUnreadable('gibberish'));
  expect(failures.action).toBe('reject');
});
