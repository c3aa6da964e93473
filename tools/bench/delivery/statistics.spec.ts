import { expect, test } from 'vitest';

import { medianBy, percentile, percentiles } from './statistics.ts';

const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);

test('percentiles are values that were measured, in any order', () => {
  expect(percentiles(hundred)).toEqual({ p50: 51, p95: 96, p99: 100 });
  expect(percentile([7], 0.99)).toBe(7);
  expect(percentile([], 0.5)).toBeNaN();
});

test('the median run is a whole run', () => {
  const runs = [{ perSecond: 30 }, { perSecond: 10 }, { perSecond: 20 }];
  expect(medianBy(runs, ({ perSecond }) => perSecond)).toBe(runs[2]);
});
