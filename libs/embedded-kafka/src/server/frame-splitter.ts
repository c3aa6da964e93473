import { MalformedFrame } from '../protocol/frame-reader.ts';

const LENGTH_BYTES = 4;

/** Cuts the bytes of a connection into frames. Holds what has arrived, never what was only announced. */
export class FrameSplitter {
  private chunks: Buffer[] = [];
  private held = 0;

  constructor(private readonly maxBytes: number) {}

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.held += chunk.length;
  }

  /** The next whole frame without its length, or undefined if it is not here yet. Throws MalformedFrame on a length that is not taken. */
  next(): Buffer | undefined {
    if (this.held < LENGTH_BYTES) return undefined;
    const length = this.gather(LENGTH_BYTES).readInt32BE(0);
    if (length < 0 || length > this.maxBytes)
      throw new MalformedFrame(`A request of ${length} bytes; at most ${this.maxBytes} are taken`);
    if (this.held < LENGTH_BYTES + length) return undefined;
    const frame = this.gather(LENGTH_BYTES + length);
    this.drop(LENGTH_BYTES + length);
    return frame.subarray(LENGTH_BYTES, LENGTH_BYTES + length);
  }

  /** The first chunk, made to hold `length` bytes at least. */
  private gather(length: number): Buffer {
    const [first] = this.chunks;
    if (first && first.length >= length) return first;
    const whole = Buffer.concat(this.chunks);
    this.chunks = [whole];
    return whole;
  }

  private drop(length: number): void {
    const rest = this.chunks[0]!.subarray(length);
    this.held -= length;
    if (rest.length > 0) this.chunks[0] = rest;
    else this.chunks.shift();
  }
}
