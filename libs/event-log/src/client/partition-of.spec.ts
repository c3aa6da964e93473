import { expect, test } from 'vitest';

import { partitionOf } from './partition-of.ts';

// Apache Kafka, UtilsTest.testMurmur2.
test.each([
  ['21', -973_932_308],
  ['foobar', -790_332_482],
  ['a-little-bit-long-string', -985_981_536],
  ['abc', 479_470_107],
])('%s is where murmur2 puts it', (key, hash) => {
  expect(partitionOf(key, 12)).toBe((hash & 0x7f_ff_ff_ff) % 12);
});
