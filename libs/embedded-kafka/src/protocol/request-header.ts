import { apiVersions } from './api-versions.ts';
import type { FrameReader } from './frame-reader.ts';

export interface RequestHeader {
  readonly apiKey: number;
  readonly version: number;
  readonly correlationId: number;
  readonly clientId: string;
}

/** Reads request header v1, or v2 where the request is flexible. Source: https://kafka.apache.org/protocol#protocol_messages */
export function readRequestHeader(reader: FrameReader): RequestHeader {
  const apiKey = reader.int16();
  const version = reader.int16();
  const correlationId = reader.int32();
  const clientId = reader.nullableString() ?? '';
  if (apiKey === apiVersions.key && version >= 3) reader.skipTaggedFields();
  return { apiKey, version, correlationId, clientId };
}
