import type { Api } from './api.ts';
import { ErrorCode } from './error-code.ts';

export interface FetchedFrom {
  readonly index: number;
  readonly offset: number;
  readonly maxBytes: number;
}

export interface FetchRequest {
  /** How long the response may wait for `minBytes`, in milliseconds. */
  readonly maxWait: number;
  readonly minBytes: number;
  readonly maxBytes: number;
  readonly topics: readonly { name: string; partitions: readonly FetchedFrom[] }[];
}

export interface FetchedPartition {
  readonly index: number;
  readonly error: ErrorCode;
  readonly highWatermark: number;
  readonly logStartOffset: number;
  readonly records: Buffer;
}

export interface FetchResponse {
  readonly topics: readonly { name: string; partitions: readonly FetchedPartition[] }[];
}

/** Fetch. Every response has session 0: there are no fetch sessions (KIP-227), so each request names all its partitions. */
export const fetch: Api<FetchRequest, FetchResponse> = {
  key: 1,
  name: 'Fetch',
  versions: [4, 11],
  readRequest(reader, version) {
    reader.int32();
    const maxWait = reader.int32();
    const minBytes = reader.int32();
    const maxBytes = reader.int32();
    reader.int8();
    if (version >= 7) {
      reader.int32();
      reader.int32();
    }
    const topics = reader.array(() => ({
      name: reader.string(),
      partitions: reader.array(() => {
        const index = reader.int32();
        if (version >= 9) reader.int32();
        const offset = reader.int64();
        if (version >= 5) reader.int64();
        return { index, offset, maxBytes: reader.int32() };
      }),
    }));
    return { maxWait, minBytes, maxBytes, topics };
  },
  writeResponse(writer, { topics }, version) {
    writer.int32(0);
    if (version >= 7) writer.int16(ErrorCode.none).int32(0);
    writer.array(topics, ({ name, partitions }) => {
      writer.string(name).array(partitions, (partition) => {
        writer.int32(partition.index).int16(partition.error);
        // Without transactions everything below the high watermark is stable.
        writer.int64(partition.highWatermark).int64(partition.highWatermark);
        if (version >= 5) writer.int64(partition.logStartOffset);
        writer.int32(0);
        if (version >= 11) writer.int32(-1);
        writer.bytes(partition.records);
      });
    });
  },
};
