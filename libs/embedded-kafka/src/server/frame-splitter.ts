import { MalformedFrame } from '../protocol/frame-reader.ts';

const LENGTH_BYTES = 4;

/** Splits the bytes of a connection into frames. It allocates memory for received bytes only, not for an announced length. */
export class FrameSplitter {
  private chunks: Buffer[] = [];
  private bufferedBytes = 0;

  constructor(private readonly maxBytes: number) {}

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.bufferedBytes += chunk.length;
  }

  /** The next complete frame without its length; undefined if it has not arrived. Throws MalformedFrame for a length out of range. */
  next(): Buffer | undefined {
    if (this.bufferedBytes < LENGTH_BYTES) return undefined;
    const length = this.gather(LENGTH_BYTES).readInt32BE(0);
    if (length < 0 || length > this.maxBytes)
      throw new MalformedFrame(
        `A request of ${length} bytes; at most ${this.maxBytes} are accepted`,
      );
    if (this.bufferedBytes < LENGTH_BYTES + length) return undefined;
    const frame = this.gather(LENGTH_BYTES + length);
    this.drop(LENGTH_BYTES + length);
    return frame.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
  }

  /** The first chunk, merged with the next ones so that it has at least `length` bytes. */
  private gather(length: number): Buffer {
    const [first] = this.chunks;
    if (first && first.length >= length) return first;
    const whole = Buffer.concat(this.chunks);
    this.chunks = [whole];
    return whole;
  }

  private drop(length: number): void {
    const rest = this.chunks[0]!.subarray(length);
    this.bufferedBytes -= length;
    if (rest.length > 0) this.chunks[0] = rest;
    else this.chunks.shift();
  }
}
