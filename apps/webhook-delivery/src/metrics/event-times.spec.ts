import { expect, test } from 'vitest';

import { EventTimes } from './event-times.ts';

test('only the newest events are remembered', () => {
  const times = new EventTimes(2);
  for (const [index, id] of ['a', 'b', 'c'].entries()) times.add(id, index * 1_000);
  expect(times.secondsSince('a', 5_000)).toBeUndefined();
  expect(times.secondsSince('b', 5_000)).toBe(4);
  expect(times.secondsSince('c', 5_000)).toBe(3);
});

test('an event that is ingested again keeps the others', () => {
  const times = new EventTimes(2);
  for (const id of ['a', 'b', 'b', 'b']) times.add(id, 0);
  expect(times.secondsSince('a', 1_000)).toBe(1);
});

test('a clock that is behind gives zero', () => {
  const times = new EventTimes();
  times.add('a', 2_000);
  expect(times.secondsSince('a', 1_000)).toBe(0);
});
