import type { Api } from './api.ts';
import type { ErrorCode } from './error-code.ts';

export interface NewTopic {
  readonly name: string;
  /** -1: the broker's default, or as many as are assigned. */
  readonly partitions: number;
  /** -1: the broker's default. */
  readonly replicationFactor: number;
  readonly assignments: readonly { index: number; replicas: readonly number[] }[];
  readonly configs: readonly { name: string; value: string | null }[];
}

export interface CreateTopicsRequest {
  readonly topics: readonly NewTopic[];
  readonly validateOnly: boolean;
}

export interface CreateTopicsResponse {
  readonly topics: readonly { name: string; error: ErrorCode; message: string | null }[];
}

export const createTopics: Api<CreateTopicsRequest, CreateTopicsResponse> = {
  key: 19,
  name: 'CreateTopics',
  versions: [0, 3],
  readRequest(reader, version) {
    const topics = reader.array(() => ({
      name: reader.string(),
      partitions: reader.int32(),
      replicationFactor: reader.int16(),
      assignments: reader.array(() => ({
        index: reader.int32(),
        replicas: reader.array(() => reader.int32()),
      })),
      configs: reader.array(() => ({ name: reader.string(), value: reader.nullableString() })),
    }));
    reader.int32();
    return { topics, validateOnly: version >= 1 ? reader.boolean() : false };
  },
  writeResponse(writer, { topics }, version) {
    if (version >= 2) writer.int32(0);
    writer.array(topics, ({ name, error, message }) => {
      writer.string(name).int16(error);
      if (version >= 1) writer.string(message);
    });
  },
};
