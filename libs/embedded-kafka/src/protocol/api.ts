import type { FrameReader } from './frame-reader.ts';
import type { FrameWriter } from './frame-writer.ts';

/** One API of the protocol: its key, the versions that are understood, and how its request is read and its response written. */
export interface Api<Request, Response> {
  readonly key: number;
  readonly name: string;
  /** Lowest and highest version, both included. None of them is flexible (KIP-482), except ApiVersions 3. */
  readonly versions: readonly [number, number];
  readRequest(reader: FrameReader, version: number): Request;
  writeResponse(writer: FrameWriter, response: Response, version: number): void;
}
