import { expect, test } from 'vitest';

import { batchOf } from '../../test/record-batches.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import { BatchRefused, readBatchHeader } from '../protocol/record-batch.ts';
import { ProducerSequences } from './producer-sequences.ts';

const batch = (id: number, epoch: number, sequence: number, records: number, offset = 0) => {
  const bytes = batchOf(Array<string>(records).fill('x'), { producer: { id, epoch, sequence } });
  bytes.writeBigInt64BE(BigInt(offset), 0);
  return readBatchHeader(bytes);
};
const refusal = (sequences: ProducerSequences, ...content: [number, number, number, number]) => {
  try {
    sequences.findRepeated(batch(...content));
    return ErrorCode.none;
  } catch (error) {
    return (error as BatchRefused).errorCode;
  }
};

test('a known producer continues without a gap', () => {
  const sequences = new ProducerSequences(10);
  sequences.remember(batch(1, 0, 0, 3));
  expect(refusal(sequences, 1, 0, 3, 1)).toBe(ErrorCode.none);
  expect(refusal(sequences, 1, 0, 4, 1)).toBe(ErrorCode.outOfOrderSequenceNumber);
  expect(refusal(sequences, 1, 0, 1, 1)).toBe(ErrorCode.outOfOrderSequenceNumber);
});

test('a repetition of each of the last five batches is recognized, with its offsets', () => {
  const sequences = new ProducerSequences(10);
  for (let n = 0; n < 6; n++) sequences.remember(batch(1, 0, n * 2, 2, 100 + n * 2));
  for (let n = 1; n < 6; n++)
    expect(sequences.findRepeated(batch(1, 0, n * 2, 2))).toMatchObject({
      baseOffset: 100 + n * 2,
      lastOffset: 101 + n * 2,
    });
  expect(refusal(sequences, 1, 0, 0, 2)).toBe(ErrorCode.outOfOrderSequenceNumber);
});

test('an unknown producer may start with any sequence number, because it may have been removed', () => {
  expect(refusal(new ProducerSequences(10), 5, 0, 77, 1)).toBe(ErrorCode.none);
});

test('a new epoch starts at zero, and the old one is refused', () => {
  const sequences = new ProducerSequences(10);
  sequences.remember(batch(1, 0, 0, 3));
  expect(refusal(sequences, 1, 1, 3, 1)).toBe(ErrorCode.outOfOrderSequenceNumber);
  expect(refusal(sequences, 1, 1, 0, 1)).toBe(ErrorCode.none);
  sequences.remember(batch(1, 1, 0, 1));
  expect(refusal(sequences, 1, 0, 3, 1)).toBe(ErrorCode.invalidProducerEpoch);
});

test('sequence numbers continue from zero after the highest one', () => {
  const sequences = new ProducerSequences(10);
  sequences.remember(batch(1, 0, 2 ** 31 - 2, 2));
  expect(refusal(sequences, 1, 0, 0, 1)).toBe(ErrorCode.none);
  sequences.remember(batch(1, 0, 2 ** 31 - 1, 3));
  expect(refusal(sequences, 1, 0, 2, 1)).toBe(ErrorCode.none);
});

test('the number of producers is limited, and the one that wrote least recently is removed', () => {
  const sequences = new ProducerSequences(3);
  for (let id = 0; id < 3; id++) sequences.remember(batch(id, 0, 0, 1));
  sequences.remember(batch(0, 0, 1, 1));
  sequences.remember(batch(3, 0, 0, 1));
  expect(sequences.size).toBe(3);
  expect(sequences.snapshot(10).map(({ id }) => id)).toEqual([2, 0, 3]);
});

test('a snapshot restores all batches below its end', () => {
  const sequences = new ProducerSequences(10);
  sequences.remember(batch(1, 0, 0, 2, 10));
  sequences.remember(batch(1, 0, 2, 2, 12));
  sequences.remember(batch(2, 0, 0, 1, 14));
  const restored = new ProducerSequences(10);
  restored.restore(sequences.snapshot(14));
  expect(restored.size).toBe(1);
  expect(restored.findRepeated(batch(1, 0, 2, 2))).toMatchObject({ baseOffset: 12 });
});

test('batches of producers that are not idempotent are never compared', () => {
  const sequences = new ProducerSequences(10);
  sequences.remember(batch(-1, -1, -1, 1));
  expect(sequences.size).toBe(0);
  expect(sequences.findRepeated(batch(-1, -1, -1, 1))).toBeUndefined();
});
