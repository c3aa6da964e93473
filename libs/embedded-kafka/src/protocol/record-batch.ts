import { crc32c } from './crc32c.ts';
import { ErrorCode } from './error-code.ts';
import { readInt64 } from './int64.ts';

/**
 * Record batches, format v2: https://kafka.apache.org/documentation/#recordbatch
 * The broker reads their headers, sets their offsets and stores the records unchanged, compressed or not.
 */
export const BATCH_HEADER_BYTES = 61;
/** The bytes up to the length field, which are required to find the next batch. */
export const BATCH_LENGTH_BYTES = 12;
const MAGIC = 2;
const at = {
  baseOffset: 0,
  length: 8,
  leaderEpoch: 12,
  magic: 16,
  crc: 17,
  attributes: 21,
  lastOffsetDelta: 23,
  baseTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  producerEpoch: 51,
  baseSequence: 53,
  count: 57,
} as const;
const COMPRESSION_MASK = 0b111;
const TRANSACTIONAL = 0b1_0000;
const CONTROL = 0b10_0000;

export interface BatchHeader {
  readonly baseOffset: number;
  readonly lastOffset: number;
  /** Bytes of the whole batch. */
  readonly size: number;
  readonly baseTimestamp: number;
  readonly maxTimestamp: number;
  /** -1 for a producer that is not idempotent. */
  readonly producerId: number;
  readonly producerEpoch: number;
  readonly baseSequence: number;
  readonly lastSequence: number;
}

/** A produced batch is refused; `errorCode` is for the producer. */
export class BatchRefused extends Error {
  override readonly name = 'BatchRefused';
  readonly code = 'KAFKA_BATCH_REFUSED';
  readonly retriable = false;

  constructor(
    readonly errorCode: ErrorCode,
    message: string,
  ) {
    super(message);
  }
}

/** The size of the batch at `start` according to its length field, which is not checked. */
export function batchSize(bytes: Buffer, start: number): number {
  return BATCH_LENGTH_BYTES + bytes.readInt32BE(start + at.length);
}

export function readBatchHeader(bytes: Buffer, start = 0): BatchHeader {
  const baseOffset = readInt64(bytes, start + at.baseOffset);
  const lastOffsetDelta = bytes.readInt32BE(start + at.lastOffsetDelta);
  const baseSequence = bytes.readInt32BE(start + at.baseSequence);
  return {
    baseOffset,
    lastOffset: baseOffset + lastOffsetDelta,
    size: batchSize(bytes, start),
    baseTimestamp: readInt64(bytes, start + at.baseTimestamp),
    maxTimestamp: readInt64(bytes, start + at.maxTimestamp),
    producerId: readInt64(bytes, start + at.producerId),
    producerEpoch: bytes.readInt16BE(start + at.producerEpoch),
    baseSequence,
    // Sequences wrap to 0 after 2^31 - 1.
    lastSequence: (baseSequence + lastOffsetDelta) & 0x7fffffff,
  };
}

/** Whether the bytes are exactly one batch of format 2 with a correct checksum. */
export function isValidBatch(batch: Buffer): boolean {
  return (
    batch.length >= BATCH_HEADER_BYTES &&
    batchSize(batch, 0) === batch.length &&
    batch.readInt8(at.magic) === MAGIC &&
    batch.readUInt32BE(at.crc) === crc32c(batch, at.attributes)
  );
}

/**
 * Checks the records of a producer for one partition: exactly one complete batch of format 2 (as Apache Kafka requires since Produce 3),
 * at most `maxBytes` long, with a correct checksum, without a transaction or control records. Returns the batch; throws BatchRefused.
 */
export function acceptProducedBatch(records: Buffer | null, maxBytes: number): Buffer {
  if (records === null || records.length < BATCH_HEADER_BYTES)
    throw new BatchRefused(ErrorCode.corruptMessage, 'The record batch is shorter than its header');
  if (records.readInt8(at.magic) !== MAGIC)
    throw new BatchRefused(
      ErrorCode.unsupportedForMessageFormat,
      `Only message format ${MAGIC} is accepted`,
    );
  const size = batchSize(records, 0);
  if (size < BATCH_HEADER_BYTES || size > records.length)
    throw new BatchRefused(
      ErrorCode.corruptMessage,
      `The batch states ${size} bytes and has ${records.length}`,
    );
  if (size < records.length)
    throw new BatchRefused(
      ErrorCode.invalidRecord,
      'A request must have exactly one batch for a partition',
    );
  if (size > maxBytes)
    throw new BatchRefused(
      ErrorCode.messageTooLarge,
      `The batch has ${size} bytes; at most ${maxBytes} are accepted`,
    );
  if (!isValidBatch(records))
    throw new BatchRefused(ErrorCode.corruptMessage, 'The checksum of the batch is wrong');
  const count = records.readInt32BE(at.count);
  if (count < 1 || records.readInt32BE(at.lastOffsetDelta) !== count - 1)
    throw new BatchRefused(
      ErrorCode.invalidRecord,
      `The batch states ${count} records, which does not match its offsets`,
    );
  if (records.readInt16BE(at.attributes) & (TRANSACTIONAL | CONTROL))
    throw new BatchRefused(ErrorCode.invalidRecord, 'Transactions are not supported');
  return records;
}

/** Sets the offset of the batch in the log and its leader epoch. The checksum covers neither field. */
export function placeBatch(batch: Buffer, baseOffset: number): void {
  batch.writeBigInt64BE(BigInt(baseOffset), at.baseOffset);
  batch.writeInt32BE(0, at.leaderEpoch);
}

/**
 * The first record of the batch that is not older than `timestamp` (ms). The records of a compressed batch are not read: its first
 * offset is returned, which may be too early, but never too late.
 */
export function firstRecordSince(
  batch: Buffer,
  timestamp: number,
): { offset: number; timestamp: number } {
  const { baseOffset, baseTimestamp, maxTimestamp } = readBatchHeader(batch);
  const atTheLatest = { offset: baseOffset, timestamp: maxTimestamp };
  if (batch.readInt16BE(at.attributes) & COMPRESSION_MASK) return atTheLatest;
  let position = BATCH_HEADER_BYTES;
  const varint = () => {
    let value = 0;
    for (let scale = 1; position < batch.length; scale *= 128) {
      const byte = batch[position++]!;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) break;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  };
  while (position < batch.length) {
    const length = varint();
    const end = position + length;
    position += 1;
    const recordTimestamp = baseTimestamp + varint();
    if (recordTimestamp >= timestamp)
      return { offset: baseOffset + varint(), timestamp: recordTimestamp };
    if (length <= 0) break;
    position = end;
  }
  return atTheLatest;
}
