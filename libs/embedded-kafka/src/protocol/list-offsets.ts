import type { Api } from './api.ts';
import type { ErrorCode } from './error-code.ts';

/** The timestamps that mean an end of the log. */
export const OffsetQuery = { latest: -1, earliest: -2 } as const;

export interface ListOffsetsRequest {
  readonly topics: readonly {
    name: string;
    partitions: readonly { index: number; timestamp: number }[];
  }[];
}

export interface ListedOffset {
  readonly index: number;
  readonly error: ErrorCode;
  readonly timestamp: number;
  readonly offset: number;
}

export interface ListOffsetsResponse {
  readonly topics: readonly { name: string; partitions: readonly ListedOffset[] }[];
}

export const listOffsets: Api<ListOffsetsRequest, ListOffsetsResponse> = {
  key: 2,
  name: 'ListOffsets',
  versions: [1, 3],
  readRequest(reader, version) {
    reader.int32();
    if (version >= 2) reader.int8();
    const topics = reader.array(() => ({
      name: reader.string(),
      partitions: reader.array(() => {
        const index = reader.int32();
        return { index, timestamp: reader.int64() };
      }),
    }));
    return { topics };
  },
  writeResponse(writer, { topics }, version) {
    if (version >= 2) writer.int32(0);
    writer.array(topics, ({ name, partitions }) => {
      writer.string(name).array(partitions, (partition) => {
        writer.int32(partition.index).int16(partition.error);
        writer.int64(partition.timestamp).int64(partition.offset);
      });
    });
  },
};
