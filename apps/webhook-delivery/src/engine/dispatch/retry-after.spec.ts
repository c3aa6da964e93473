import { describe, expect, test } from 'vitest';

import { retryAfterMs } from './retry-after.ts';

const now = new Date('2026-01-22T10:30:00Z');
const day = 86_400_000;

describe('a server requests a pause', () => {
  test.each([
    ['for seconds', '120', 120_000],
    ['for no time', '0', 0],
    ['with surrounding blanks', ' 7 ', 7000],
    ['until a date (IMF-fixdate)', 'Thu, 22 Jan 2026 10:31:30 GMT', 90_000],
    ['until a date (RFC 850)', 'Thursday, 22-Jan-26 10:31:30 GMT', 90_000],
    ['until a date (asctime)', 'Thu Jan 22 10:31:30 2026', 90_000],
    ['until a date that has passed', 'Thu, 22 Jan 2026 10:29:00 GMT', 0],
    ['for longer than a day', '86401', day],
    ['for an extremely large number', '9'.repeat(400), day],
    ['until a date in years', 'Fri, 22 Jan 2027 10:30:00 GMT', day],
  ])('%s: %j', (_, value, wait) => expect(retryAfterMs(value, now)).toBe(wait));
});

test.each([
  undefined,
  '',
  'soon',
  '-5',
  '1.5',
  '1e3',
  '0x10',
  '120, 60',
  '2026-01-22T10:31:30Z',
  'Thu, 22 Jan 2026 10:31:30',
  'Thu, 22 Jan 2026 10:31:30 +0100',
  'Thu, 99 Jan 2026 10:31:30 GMT',
])('an invalid value requests no pause: %j', (value) => {
  expect(retryAfterMs(value, now)).toBe(0);
});
