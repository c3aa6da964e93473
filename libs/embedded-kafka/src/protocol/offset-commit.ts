import type { Api } from './api.ts';
import type { ErrorCode } from './error-code.ts';

export interface OffsetCommitRequest {
  readonly groupId: string;
  /** -1 with an empty member id for a commit by a client that is not a member of the group. */
  readonly generation: number;
  readonly memberId: string;
  readonly topics: readonly {
    name: string;
    partitions: readonly { index: number; offset: number; metadata: string | null }[];
  }[];
}

export interface OffsetCommitResponse {
  readonly topics: readonly {
    name: string;
    partitions: readonly { index: number; error: ErrorCode }[];
  }[];
}

export const offsetCommit: Api<OffsetCommitRequest, OffsetCommitResponse> = {
  key: 8,
  name: 'OffsetCommit',
  versions: [1, 6],
  readRequest(reader, version) {
    const groupId = reader.string();
    const generation = reader.int32();
    const memberId = reader.string();
    if (version >= 2 && version <= 4) reader.int64();
    const topics = reader.array(() => ({
      name: reader.string(),
      partitions: reader.array(() => {
        const index = reader.int32();
        const offset = reader.int64();
        if (version === 1) reader.int64();
        if (version >= 6) reader.int32();
        return { index, offset, metadata: reader.nullableString() };
      }),
    }));
    return { groupId, generation, memberId, topics };
  },
  writeResponse(writer, { topics }, version) {
    if (version >= 3) writer.int32(0);
    writer.array(topics, ({ name, partitions }) => {
      writer.string(name).array(partitions, ({ index, error }) => {
        writer.int32(index).int16(error);
      });
    });
  },
};
