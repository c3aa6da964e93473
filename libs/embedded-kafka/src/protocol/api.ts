import type { FrameReader } from './frame-reader.ts';
import type { FrameWriter } from './frame-writer.ts';

/** One API of the protocol: its key, the supported versions, and the codec of its request and response. */
export interface Api<Request, Response> {
  readonly key: number;
  readonly name: string;
  /** Lowest and highest version, both included. Only ApiVersions 3 is a flexible version (KIP-482). */
  readonly versions: readonly [number, number];
  readRequest(reader: FrameReader, version: number): Request;
  writeResponse(writer: FrameWriter, response: Response, version: number): void;
}
