import { expect, test } from 'vitest';

import { delayAfter, standardSchedule } from './retry-schedule.ts';

test('the delays are those of Standard Webhooks, and the tenth attempt is the last', () => {
  const waits = Array.from({ length: 10 }, (_, i) => delayAfter(standardSchedule, i + 1, 0.5));
  expect(waits.slice(0, 3)).toEqual([5_000, 300_000, 1_800_000]);
  expect(waits.at(-1)).toBeNull();
});

test('a delay varies by at most the jitter', () => {
  expect(delayAfter(standardSchedule, 1, 0)).toBe(4500);
  expect(delayAfter(standardSchedule, 1, 0.999_999)).toBe(5500);
});
