import { gzipSync } from 'node:zlib';

import { expect, test } from 'vitest';

import { batchOf, valuesIn, withChecksum } from '../../test/record-batches.ts';
import { ErrorCode } from './error-code.ts';
import {
  acceptProducedBatch,
  BatchRefused,
  firstRecordSince,
  placeBatch,
  readBatchHeader,
} from './record-batch.ts';

const MAX = 10_000;
const refusal = (records: Buffer | null, max = MAX) => {
  try {
    acceptProducedBatch(records, max);
    return ErrorCode.none;
  } catch (error) {
    expect(error).toBeInstanceOf(BatchRefused);
    return (error as BatchRefused).errorCode;
  }
};

test('a valid batch is accepted, and its header is read', () => {
  const batch = batchOf(['a', 'b', 'c'], {
    producer: { id: 7, epoch: 1, sequence: 5 },
    timestamps: [10, 30, 20],
  });
  expect(acceptProducedBatch(batch, MAX)).toBe(batch);
  placeBatch(batch, 100);
  expect(readBatchHeader(batch)).toEqual({
    baseOffset: 100,
    lastOffset: 102,
    size: batch.length,
    baseTimestamp: 10,
    maxTimestamp: 30,
    producerId: 7,
    producerEpoch: 1,
    baseSequence: 5,
    lastSequence: 7,
  });
});

test('a new offset keeps the checksum of a batch correct', () => {
  const batch = batchOf(['a', 'b']);
  placeBatch(batch, 2 ** 40);
  expect(refusal(batch)).toBe(ErrorCode.none);
  expect(valuesIn(batch)).toEqual([
    [2 ** 40, 'a'],
    [2 ** 40 + 1, 'b'],
  ]);
});

test('a change of any bit that the checksum covers is detected', () => {
  const batch = batchOf(['some', 'records']);
  for (let at = 17; at < batch.length; at++) {
    batch[at]! ^= 0x10;
    expect(refusal(batch)).not.toBe(ErrorCode.none);
    batch[at]! ^= 0x10;
  }
  expect(refusal(batch)).toBe(ErrorCode.none);
});

const lying = (change: (batch: Buffer) => void) => {
  const batch = batchOf(['a', 'b']);
  change(batch);
  return withChecksum(batch);
};

test.each<[string, Buffer | null, ErrorCode]>([
  ['no records', null, ErrorCode.corruptMessage],
  ['fewer bytes than a header', Buffer.alloc(60), ErrorCode.corruptMessage],
  ['message format 1', batchOf(['a'], { magic: 1 }), ErrorCode.unsupportedForMessageFormat],
  ['a length beyond its end', lying((b) => b.writeInt32BE(b.length, 8)), ErrorCode.corruptMessage],
  ['a negative length', lying((b) => b.writeInt32BE(-1, 8)), ErrorCode.corruptMessage],
  ['two batches', Buffer.concat([batchOf(['a']), batchOf(['b'])]), ErrorCode.invalidRecord],
  ['more bytes than allowed', batchOf(['x'.repeat(MAX)]), ErrorCode.messageTooLarge],
  ['a count of no records', lying((b) => b.writeInt32BE(0, 57)), ErrorCode.invalidRecord],
  [
    'a count that does not match its offsets',
    lying((b) => b.writeInt32BE(3, 57)),
    ErrorCode.invalidRecord,
  ],
  ['a negative offset delta', lying((b) => b.writeInt32BE(-9, 23)), ErrorCode.invalidRecord],
  ['a transaction', batchOf(['a'], { attributes: 0x10 }), ErrorCode.invalidRecord],
  ['control records', batchOf(['a'], { attributes: 0x20 }), ErrorCode.invalidRecord],
])('a batch with %s is refused', (_, records, errorCode) => {
  expect(refusal(records)).toBe(errorCode);
});

test('the first record since a time is found within a batch, in offset order', () => {
  const batch = batchOf(['a', 'b', 'c'], { timestamps: [1000, 3000, 2000] });
  placeBatch(batch, 50);
  expect(firstRecordSince(batch, 500)).toEqual({ offset: 50, timestamp: 1000 });
  expect(firstRecordSince(batch, 1500)).toEqual({ offset: 51, timestamp: 3000 });
  expect(firstRecordSince(batch, 3000)).toEqual({ offset: 51, timestamp: 3000 });
});

test('the first offset of a compressed batch is returned, because its records are not read', () => {
  const plain = batchOf(['a', 'b'], { timestamps: [1000, 2000], attributes: 1 });
  const packed = Buffer.concat([plain.subarray(0, 61), gzipSync(plain.subarray(61))]);
  packed.writeInt32BE(packed.length - 12, 8);
  placeBatch(withChecksum(packed), 50);
  expect(refusal(packed)).toBe(ErrorCode.none);
  expect(firstRecordSince(packed, 1500)).toEqual({ offset: 50, timestamp: 2000 });
});
