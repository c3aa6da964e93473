import { expect, test } from 'vitest';

import { EventTimes } from './event-times.ts';

test('the newest events are remembered, and at most twice as many', () => {
  const times = new EventTimes(100);
  const known: boolean[][] = [];
  for (let event = 0; event < 1_000; event++) {
    times.add(`${event}`, event * 1_000);
    known.push(
      [0, 99, 200].map(
        (before) => times.secondsSince(`${event - before}`, 2_000_000) !== undefined,
      ),
    );
  }
  // A hundred events that followed it, and the two hundredth.
  expect(known.slice(200).every(([last, recent]) => last && recent)).toBe(true);
  expect(known.some(([, , old]) => old)).toBe(false);
  expect(times.secondsSince('999', 1_000_000)).toBe(1);
});

test('a clock that is behind gives zero', () => {
  const times = new EventTimes();
  times.add('a', 2_000);
  expect(times.secondsSince('a', 1_000)).toBe(0);
});

test('to remember an event takes less than 5 microseconds, however many there were', () => {
  const times = new EventTimes();
  const microsecondsOf = (round: number) => {
    const startedAt = performance.now();
    for (let event = 0; event < 50_000; event++) times.add(`${round}-${event}`, 0);
    return ((performance.now() - startedAt) * 1000) / 50_000;
  };
  const rounds = Array.from({ length: 6 }, (_, round) => microsecondsOf(round));
  // Another process may interrupt some of them.
  expect(Math.min(...rounds.slice(1))).toBeLessThan(5);
});
