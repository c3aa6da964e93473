import { expect, test } from 'vitest';

import { OffsetTracker } from './offset-tracker.ts';

test('there is no offset to commit before the first record', () => {
  const tracker = new OffsetTracker();
  expect(tracker.next).toBeUndefined();
  expect(tracker.received).toBe(-1n);
});

test('only offsets without an unfinished record before them can be committed', () => {
  const tracker = new OffsetTracker();
  const [first, second, third] = [10n, 11n, 14n].map((offset) => tracker.accept(offset));
  tracker.finish(second!);
  tracker.finish(third!);
  expect(tracker.next).toBe(10n);
  expect(tracker.span).toBe(3);
  tracker.finish(first!);
  expect(tracker.next).toBe(15n);
  expect(tracker.span).toBe(0);
});

test('offsets without a record are skipped when all records before them are finished', () => {
  const tracker = new OffsetTracker();
  const only = tracker.accept(3n);
  tracker.skipTo(9n);
  tracker.skipTo(5n);
  expect(tracker.received).toBe(9n);
  expect(tracker.next).toBe(3n);
  tracker.finish(only);
  expect(tracker.next).toBe(10n);
});

test('the committed prefix is correct for any order of finishing, over many records', () => {
  const tracker = new OffsetTracker();
  const entries = Array.from({ length: 5_000 }, (_, n) => tracker.accept(BigInt(n)));
  const unfinished = new Set(entries);
  const wrong: bigint[] = [];
  // 2,017 is coprime to 5,000: every record once, in a very different order.
  for (let n = 0; n < 4_999; n += 1) {
    const entry = entries[(n * 2_017) % 5_000]!;
    tracker.finish(entry);
    unfinished.delete(entry);
    const [first] = unfinished;
    if (tracker.next !== first?.offset) wrong.push(entry.offset);
  }
  expect(wrong).toEqual([]);
  for (const last of unfinished) tracker.finish(last);
  expect(tracker.next).toBe(5_000n);
});
