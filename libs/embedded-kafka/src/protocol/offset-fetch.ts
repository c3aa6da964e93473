import type { Api } from './api.ts';
import type { ErrorCode } from './error-code.ts';

export interface OffsetFetchRequest {
  readonly groupId: string;
  /** null: all offsets that the group has committed. */
  readonly topics: readonly { name: string; partitions: readonly number[] }[] | null;
}

export interface CommittedPartition {
  readonly index: number;
  /** -1: no committed offset. */
  readonly offset: number;
  readonly metadata: string | null;
}

export interface OffsetFetchResponse {
  readonly error: ErrorCode;
  readonly topics: readonly { name: string; partitions: readonly CommittedPartition[] }[];
}

export const offsetFetch: Api<OffsetFetchRequest, OffsetFetchResponse> = {
  key: 9,
  name: 'OffsetFetch',
  versions: [1, 5],
  readRequest(reader, version) {
    const groupId = reader.string();
    const topics = reader.nullableArray(() => ({
      name: reader.string(),
      partitions: reader.array(() => reader.int32()),
    }));
    return { groupId, topics: version >= 2 ? topics : (topics ?? []) };
  },
  writeResponse(writer, { error, topics }, version) {
    if (version >= 3) writer.int32(0);
    writer.array(topics, ({ name, partitions }) => {
      writer.string(name).array(partitions, ({ index, offset, metadata }) => {
        writer.int32(index).int64(offset);
        if (version >= 5) writer.int32(-1);
        writer.string(metadata ?? '').int16(error);
      });
    });
    if (version >= 2) writer.int16(error);
  },
};
