import { expect, test } from 'vitest';

import type { BatchHeader } from '../protocol/record-batch.ts';
import { INDEX_INTERVAL, SegmentIndex } from './segment-index.ts';

const batch = (baseOffset: number, maxTimestamp = 0): BatchHeader => ({
  baseOffset,
  lastOffset: baseOffset,
  size: 100,
  baseTimestamp: maxTimestamp,
  maxTimestamp,
  producerId: -1,
  producerEpoch: -1,
  baseSequence: -1,
  lastSequence: -1,
});

/** An index of batches with one record and 100 bytes each. */
function indexOf(batches: number): SegmentIndex {
  const index = new SegmentIndex();
  for (let offset = 0; offset < batches; offset++) index.add(batch(offset, offset), offset * 100);
  return index;
}

test('the index has one entry per 64 KiB of log for batches of any size', () => {
  const index = indexOf(10_000);
  expect(index.entries.length).toBe(Math.ceil((10_000 * 100) / INDEX_INTERVAL));
});

test('a look-up ends at most one interval before its batch', () => {
  const index = indexOf(10_000);
  for (const offset of [0, 1, 655, 656, 5000, 9999]) {
    const position = index.floor(offset);
    expect(position).toBeLessThanOrEqual(offset * 100);
    expect(offset * 100 - position).toBeLessThanOrEqual(INDEX_INTERVAL + 100);
  }
});

test('the ends of the last reads are cached, and old ones are removed', () => {
  const index = indexOf(10_000);
  index.cacheEnd(500, 50_000);
  expect(index.floor(500)).toBe(50_000);
  for (let offset = 1000; offset < 1100; offset++) index.cacheEnd(offset, offset * 100);
  expect(index.floor(500)).toBe(0);
});

test('a time is found in the first interval with a record of this time or later, although times may go back', () => {
  const index = new SegmentIndex();
  index.add(batch(0, 500), 0);
  index.add(batch(1, 900), 100);
  index.add(batch(2, 300), INDEX_INTERVAL);
  index.add(batch(3, 1000), 2 * INDEX_INTERVAL);
  expect(index.firstSince(600)).toBe(0);
  expect(index.firstSince(950)).toBe(3);
  expect(index.firstSince(2000)).toBeUndefined();
});
