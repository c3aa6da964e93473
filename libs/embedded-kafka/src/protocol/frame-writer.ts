const CHUNK = 512;
const COPY_LIMIT = 1024;

/** Writes the primitive types of the Kafka protocol. `finish()` returns the parts of the frame; large byte fields are not copied. */
export class FrameWriter {
  private readonly parts: Buffer[] = [];
  private chunk = Buffer.allocUnsafe(CHUNK);
  private start = 0;
  private end = 0;

  boolean(value: boolean): this {
    return this.int8(value ? 1 : 0);
  }

  int8(value: number): this {
    this.reserve(1);
    this.end = this.chunk.writeInt8(value, this.end);
    return this;
  }

  int16(value: number): this {
    this.reserve(2);
    this.end = this.chunk.writeInt16BE(value, this.end);
    return this;
  }

  int32(value: number): this {
    this.reserve(4);
    this.end = this.chunk.writeInt32BE(value, this.end);
    return this;
  }

  int64(value: number): this {
    this.reserve(8);
    this.end = this.chunk.writeBigInt64BE(BigInt(value), this.end);
    return this;
  }

  unsignedVarint(value: number): this {
    let rest = value;
    while (rest > 0x7f) {
      this.uint8((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    return this.uint8(rest);
  }

  string(value: string | null): this {
    if (value === null) return this.int16(-1);
    const length = Buffer.byteLength(value);
    this.int16(length);
    this.reserve(length);
    this.end += this.chunk.write(value, this.end, 'utf8');
    return this;
  }

  bytes(value: Buffer | null): this {
    if (value === null) return this.int32(-1);
    return this.int32(value.length).raw(value);
  }

  /** Bytes without a length. Above 1 KiB they are not copied. */
  raw(value: Buffer): this {
    if (value.length > COPY_LIMIT) {
      this.cut();
      this.parts.push(value);
    } else {
      this.reserve(value.length);
      this.end += value.copy(this.chunk, this.end);
    }
    return this;
  }

  array<T>(items: readonly T[], item: (item: T, writer: this) => void): this {
    this.int32(items.length);
    for (const each of items) item(each, this);
    return this;
  }

  /** An array of a flexible version: its length is a varint of the count plus one. */
  compactArray<T>(items: readonly T[], item: (item: T, writer: this) => void): this {
    this.unsignedVarint(items.length + 1);
    for (const each of items) item(each, this);
    return this;
  }

  noTaggedFields(): this {
    return this.unsignedVarint(0);
  }

  finish(): Buffer[] {
    this.cut();
    return this.parts;
  }

  private uint8(value: number): this {
    this.reserve(1);
    this.end = this.chunk.writeUInt8(value, this.end);
    return this;
  }

  private cut(): void {
    if (this.end > this.start) this.parts.push(this.chunk.subarray(this.start, this.end));
    this.start = this.end;
  }

  private reserve(length: number): void {
    if (this.end + length <= this.chunk.length) return;
    this.cut();
    this.chunk = Buffer.allocUnsafe(Math.max(CHUNK, length));
    this.start = 0;
    this.end = 0;
  }
}
