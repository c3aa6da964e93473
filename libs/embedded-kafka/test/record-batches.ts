import { crc32c } from '../src/protocol/crc32c.ts';
import { BATCH_HEADER_BYTES, batchSize, readBatchHeader } from '../src/protocol/record-batch.ts';

export interface BatchContent {
  /** A producer that is not idempotent by default: all fields are -1. */
  producer?: { id: number; epoch: number; sequence: number };
  /** One for each value, in milliseconds. */
  timestamps?: number[];
  attributes?: number;
  magic?: number;
}

function varint(value: number): Buffer {
  let rest = BigInt(value) >= 0n ? BigInt(value) * 2n : BigInt(value) * -2n - 1n;
  const bytes: number[] = [];
  while (rest > 0x7fn) {
    bytes.push(Number(rest & 0x7fn) | 0x80);
    rest >>= 7n;
  }
  return Buffer.from([...bytes, Number(rest)]);
}

/** A record batch as a producer sends it: offsets from 0, with a correct checksum. */
export function batchOf(values: string[], content: BatchContent = {}): Buffer {
  const { producer = { id: -1, epoch: -1, sequence: -1 }, attributes = 0, magic = 2 } = content;
  const timestamps = content.timestamps ?? values.map(() => 1000);
  const baseTimestamp = timestamps[0] ?? 0;
  const records = values.map((value, index) => {
    const body = Buffer.concat([
      Buffer.from([0]),
      varint((timestamps[index] ?? 0) - baseTimestamp),
      varint(index),
      varint(-1),
      varint(Buffer.byteLength(value)),
      Buffer.from(value),
      varint(0),
    ]);
    return Buffer.concat([varint(body.length), body]);
  });
  const batch = Buffer.concat([Buffer.alloc(BATCH_HEADER_BYTES), ...records]);
  batch.writeInt32BE(batch.length - 12, 8);
  batch.writeInt8(magic, 16);
  batch.writeInt16BE(attributes, 21);
  batch.writeInt32BE(values.length - 1, 23);
  batch.writeBigInt64BE(BigInt(baseTimestamp), 27);
  batch.writeBigInt64BE(BigInt(Math.max(...timestamps)), 35);
  batch.writeBigInt64BE(BigInt(producer.id), 43);
  batch.writeInt16BE(producer.epoch, 51);
  batch.writeInt32BE(producer.sequence, 53);
  batch.writeInt32BE(values.length, 57);
  return withChecksum(batch);
}

/** The batch with its checksum corrected after a change. */
export function withChecksum(batch: Buffer): Buffer {
  batch.writeUInt32BE(crc32c(batch, 21), 17);
  return batch;
}

/** The values of whole batches with their offsets. Values must be shorter than 64 bytes, or the only one in their batch. */
export function valuesIn(batches: Buffer): [offset: number, value: string][] {
  const found: [number, string][] = [];
  for (let start = 0; start < batches.length; start += batchSize(batches, start)) {
    const { baseOffset, size } = readBatchHeader(batches, start);
    const reader = new RecordReader(batches.subarray(start + BATCH_HEADER_BYTES, start + size));
    while (reader.hasMore) {
      const [delta, value] = reader.next();
      found.push([baseOffset + delta, value]);
    }
  }
  return found;
}

class RecordReader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get hasMore(): boolean {
    return this.at < this.bytes.length;
  }

  next(): [number, string] {
    this.varint();
    this.at++;
    this.varint();
    const delta = this.varint();
    this.varint();
    const length = this.varint();
    const value = this.bytes.toString('utf8', this.at, this.at + length);
    this.at += length;
    this.varint();
    return [delta, value];
  }

  private varint(): number {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.bytes.readUInt8(this.at++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) break;
    }
    return Number(value & 1n ? -(value + 1n) / 2n : value / 2n);
  }
}
