import { readInt64 } from './int64.ts';

const MAX_ELEMENTS = 200_000;

/** A frame has lengths or counts that exceed it. Its connection is closed. */
export class MalformedFrame extends Error {
  override readonly name = 'MalformedFrame';
  readonly code = 'KAFKA_MALFORMED_FRAME';
  readonly retriable = false;
}

/**
 * Reads the primitive types of the Kafka protocol (https://kafka.apache.org/protocol#protocol_types) from one frame.
 * Every length is checked against the frame before memory is allocated. Throws MalformedFrame if it exceeds the frame.
 */
export class FrameReader {
  private position = 0;
  private elements = 0;

  constructor(private readonly frame: Buffer) {}

  get remaining(): number {
    return this.frame.length - this.position;
  }

  boolean(): boolean {
    return this.int8() !== 0;
  }

  int8(): number {
    return this.frame.readInt8(this.advance(1));
  }

  int16(): number {
    return this.frame.readInt16BE(this.advance(2));
  }

  int32(): number {
    return this.frame.readInt32BE(this.advance(4));
  }

  /** A 64-bit integer, clamped to ±2^53. */
  int64(): number {
    return readInt64(this.frame, this.advance(8));
  }

  unsignedVarint(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = this.frame.readUInt8(this.advance(1));
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new MalformedFrame('A varint is longer than five bytes');
  }

  string(): string {
    const value = this.nullableString();
    if (value === null) throw new MalformedFrame('A required string is null');
    return value;
  }

  nullableString(): string | null {
    return this.text(this.int16());
  }

  compactString(): string | null {
    return this.text(this.unsignedVarint() - 1);
  }

  /** The bytes are a view of the frame: copy them to keep them. */
  bytes(): Buffer {
    const value = this.nullableBytes();
    if (value === null) throw new MalformedFrame('Required bytes are null');
    return value;
  }

  nullableBytes(): Buffer | null {
    const length = this.int32();
    if (length === -1) return null;
    return this.slice(length);
  }

  array<T>(item: (reader: FrameReader) => T): T[] {
    return this.nullableArray(item) ?? [];
  }

  nullableArray<T>(item: (reader: FrameReader) => T): T[] | null {
    const count = this.int32();
    if (count === -1) return null;
    // An element has at least one byte, and an object needs more memory than its bytes: with both limits a small frame cannot use
    // much memory.
    this.elements += count;
    if (count < 0 || count > this.remaining || this.elements > MAX_ELEMENTS)
      throw new MalformedFrame(`An array of ${count} elements does not fit into the frame`);
    const items: T[] = [];
    for (let index = 0; index < count; index++) items.push(item(this));
    return items;
  }

  skipTaggedFields(): void {
    const count = this.unsignedVarint();
    for (let index = 0; index < count; index++) {
      this.unsignedVarint();
      this.slice(this.unsignedVarint());
    }
  }

  private text(length: number): string | null {
    if (length === -1) return null;
    return this.slice(length).toString('utf8');
  }

  private slice(length: number): Buffer {
    const start = this.advance(length);
    return this.frame.subarray(start, start + length);
  }

  private advance(length: number): number {
    if (length < 0 || length > this.remaining)
      throw new MalformedFrame(`${length} bytes expected, ${this.remaining} left in the frame`);
    const start = this.position;
    this.position += length;
    return start;
  }
}
