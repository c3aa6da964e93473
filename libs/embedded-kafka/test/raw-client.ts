import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

import type { Api } from '../src/protocol/api.ts';
import { FrameReader } from '../src/protocol/frame-reader.ts';
import { FrameWriter } from '../src/protocol/frame-writer.ts';
import { FrameSplitter } from '../src/server/frame-splitter.ts';

export interface RawResponse {
  readonly correlationId: number;
  readonly body: FrameReader;
}

/** A client that sends arbitrary bytes. */
export class RawClient {
  private readonly responses: RawResponse[] = [];
  private readonly splitter = new FrameSplitter(64 * 1024 * 1024);
  private arrival = Promise.withResolvers<void>();
  readonly closed: Promise<void>;

  private constructor(readonly socket: Socket) {
    socket.on('data', (chunk: Buffer) => {
      this.splitter.push(chunk);
      for (let frame = this.splitter.next(); frame; frame = this.splitter.next()) {
        const body = new FrameReader(frame);
        this.responses.push({ correlationId: body.int32(), body });
      }
      this.wake();
    });
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.wake();
        resolve();
      });
    });
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1' });
    await once(socket, 'connect');
    return new RawClient(socket);
  }

  /** Sends a request; `write` writes its body. */
  send<Q, S>(
    api: Api<Q, S>,
    version: number,
    correlationId: number,
    write: (body: FrameWriter) => void,
  ): void {
    this.socket.write(requestFrame(api.key, version, correlationId, write));
  }

  /** The next response; throws if the connection ends without one. */
  async next(): Promise<RawResponse> {
    for (;;) {
      const response = this.responses.shift();
      if (response) return response;
      if (this.socket.destroyed) throw new Error('The connection was closed');
      await this.arrival.promise;
    }
  }

  get unread(): number {
    return this.responses.length;
  }

  close(): void {
    this.socket.destroy();
  }

  private wake(): void {
    this.arrival.resolve();
    this.arrival = Promise.withResolvers<void>();
  }
}

/** A complete request frame with header version 1. */
export function requestFrame(
  apiKey: number,
  version: number,
  correlationId: number,
  write: (body: FrameWriter) => void,
): Buffer {
  const writer = new FrameWriter();
  writer.int16(apiKey).int16(version).int32(correlationId).string('raw');
  write(writer);
  const frame = Buffer.concat(writer.finish());
  const length = Buffer.alloc(4);
  length.writeInt32BE(frame.length);
  return Buffer.concat([length, frame]);
}

/** The body of a Produce request (version 3 to 7) with one partition. */
export function produceBody(topic: string, partition: number, records: Buffer | null, acks = -1) {
  return (body: FrameWriter) => {
    body.string(null).int16(acks).int32(1000);
    body.array([partition], (index) => {
      body.string(topic).array([index], (each) => {
        body.int32(each).bytes(records);
      });
    });
  };
}

/** The body of a Fetch request, version 4, with one partition. */
export function fetchBody(topic: string, partition: number, offset: number, maxWait = 0) {
  return (body: FrameWriter) => {
    body.int32(-1).int32(maxWait).int32(1).int32(1_000_000).int8(0);
    body.array([partition], (index) => {
      body.string(topic).array([index], (each) => {
        body.int32(each).int64(offset).int32(1_000_000);
      });
    });
  };
}

/** The only partition of a Fetch response, version 4. */
export function readFetched({ body }: RawResponse) {
  body.int32();
  return body.array(() => {
    body.string();
    return body.array(() => {
      body.int32();
      const error = body.int16();
      const highWatermark = body.int64();
      body.int64();
      body.int32();
      return { error, highWatermark, records: body.bytes() };
    });
  })[0]![0]!;
}

/** The only partition of a Produce response, version 3. */
export function readProduced({ body }: RawResponse) {
  return body.array(() => {
    body.string();
    return body.array(() => {
      body.int32();
      const error = body.int16();
      const baseOffset = body.int64();
      body.int64();
      return { error, baseOffset };
    });
  })[0]![0]!;
}
