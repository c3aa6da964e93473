import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import type { Socket } from 'node:net';
import { finished } from 'node:stream/promises';

import { readHeader, readyMark } from './frame.ts';

const defaultMaximum = 512 * 1024 * 1024;

/** The header of a complete answer, its blobs as bytes where they were not written to a file, and their size. */
export interface CompleteAnswer {
  header: unknown;
  body: Buffer;
  bodySize: number;
}

/** What a sandboxed process sends: the ready mark, a header, and blobs, which are kept in memory or written to a file. */
export class Answer {
  private readonly chunks: Buffer[] = [];
  private size = 0;
  private maximum = defaultMaximum;
  private blobsTo: string | undefined;
  /** How much must arrive before the header is complete; at first, the length of the header. */
  private headerEnd = readyMark.length + 4;
  private file: { stream: WriteStream; header: unknown; written: number } | undefined;
  /** The error of the file. */
  private failure: Error | undefined;

  /** @param stop called when the answer is too large, or cannot be written */
  constructor(private readonly stop: () => void) {}

  /** Whether the process has loaded its code. */
  get isReady(): boolean {
    return this.size > 0;
  }

  /** Limits the answer to a job, and says where its blobs go. Called before the job is sent. */
  expect({ blobsTo, maximumAnswer }: { blobsTo?: string; maximumAnswer?: number }): void {
    this.blobsTo = blobsTo;
    this.maximum = maximumAnswer ?? defaultMaximum;
  }

  /** Takes a chunk. While the file cannot take more, nothing is read from the socket. */
  collect(chunk: Buffer, socket: Socket): void {
    this.size += chunk.length;
    if (this.size > this.maximum) return this.stop();
    if (this.file) return this.write(chunk, socket);
    this.chunks.push(chunk);
    if (this.blobsTo !== undefined) this.openFile(this.blobsTo, socket);
  }

  /**
   * The answer, when the process has ended: null without a header.
   * @throws the system's error if the blobs could not be written; SyntaxError if the header is no JSON
   */
  async complete(): Promise<CompleteAnswer | null> {
    if (this.failure) throw this.failure;
    if (this.file) {
      const { stream, header, written } = this.file;
      stream.end();
      await finished(stream);
      return { header, body: Buffer.alloc(0), bodySize: written };
    }
    const received = this.received();
    const found = readHeader(received);
    if (!found) return null;
    const body = received.subarray(found.bodyAt);
    return { header: found.header, body, bodySize: body.length };
  }

  /** Whether the first byte is the ready mark: without it, the process did not load its code. */
  get beginsWell(): boolean {
    return this.chunks[0]?.[0] === readyMark[0];
  }

  /** Resolves when the file is closed. Nothing is written to it any more. */
  async close(): Promise<void> {
    const stream = this.file?.stream;
    if (!stream || stream.closed) return;
    const closed = once(stream, 'close');
    stream.destroy();
    await closed;
  }

  private received(): Buffer {
    return Buffer.concat(this.chunks).subarray(readyMark.length);
  }

  private openFile(path: string, socket: Socket): void {
    if (this.size < this.headerEnd) return;
    const received = this.received();
    // The header is not looked for again before all of it has arrived.
    if (received.length >= 4) this.headerEnd = readyMark.length + 4 + received.readUInt32BE(0);
    if (this.size < this.headerEnd) return;
    let found: ReturnType<typeof readHeader>;
    try {
      found = readHeader(received);
    } catch {
      // `complete` finds the same error.
      this.headerEnd = Number.POSITIVE_INFINITY;
      return;
    }
    if (!found) return;
    const stream = createWriteStream(path, { mode: 0o600 });
    stream.on('error', (error) => {
      this.failure = error;
      this.stop();
      // The rest of the answer is dropped.
      socket.resume();
    });
    stream.on('drain', () => socket.resume());
    this.file = { stream, header: found.header, written: 0 };
    this.write(received.subarray(found.bodyAt), socket);
  }

  private write(chunk: Buffer, socket: Socket): void {
    const { file } = this;
    if (!file || this.failure || chunk.length === 0) return;
    file.written += chunk.length;
    if (!file.stream.write(chunk)) socket.pause();
  }
}
