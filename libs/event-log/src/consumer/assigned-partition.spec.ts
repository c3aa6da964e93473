import type { KafkaMessage } from 'kafkajs';
import { beforeEach, expect, test } from 'vitest';

import { AssignedPartition } from './assigned-partition.ts';
import type { TrackedOffset } from './offset-tracker.ts';

let partition: AssignedPartition;
let accepted: TrackedOffset[];
beforeEach(() => {
  partition = new AssignedPartition('topic', 3);
  accepted = [];
});

/** A fetch of the records from one offset to another, of which the first ones are accepted. */
function fetch(from: number, to: number, highWatermark: number, accept = to - from + 1): void {
  const offsets = Array.from({ length: to - from + 1 }, (_, index) => BigInt(from + index));
  for (const offset of offsets.slice(0, accept)) accepted.push(partition.offsets.accept(offset));
  partition.arrived(
    {
      topic: 'topic',
      partition: 3,
      messages: offsets.map((offset) => ({ offset: String(offset) }) as KafkaMessage),
      lastOffset: BigInt(to),
      highWatermark: BigInt(highWatermark),
      resolve: () => undefined,
    },
    1,
    accept === offsets.length,
  );
}
const finish = (count: number) => {
  for (const entry of accepted.splice(0, count)) partition.offsets.finish(entry);
};

test('before the first fetch the lag is unknown; a fetch without records shows that there is none', () => {
  expect(partition.lag).toBeUndefined();
  partition.behind = false;
  expect(partition.lag).toBe(0);
});

test('the lag has the accepted records that are not finished, and those that were not fetched', () => {
  fetch(100, 109, 150);
  expect(partition.lag).toBe(50);
  finish(4);
  expect(partition.lag).toBe(46);
  fetch(110, 149, 150);
  finish(45);
  expect(partition.lag).toBe(1);
  finish(1);
  expect(partition.lag).toBe(0);
});

test('a record that is not finished keeps all records after it in the lag', () => {
  fetch(0, 9, 10);
  const [first, ...others] = accepted.splice(0);
  for (const entry of others) partition.offsets.finish(entry);
  expect(partition.lag).toBe(10);
  partition.offsets.finish(first!);
  expect(partition.lag).toBe(0);
});

test('records for which there is no room count', () => {
  fetch(7, 16, 20, 0);
  expect(partition.lag).toBe(13);
});

test('at the end of the partition only the records that are not finished count', () => {
  // The last offsets of a compacted topic need not have records.
  fetch(0, 4, 8);
  finish(5);
  expect(partition.lag).toBe(3);
  partition.behind = false;
  expect(partition.lag).toBe(0);
});
