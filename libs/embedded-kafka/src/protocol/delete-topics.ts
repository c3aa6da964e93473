import type { Api } from './api.ts';
import type { ErrorCode } from './error-code.ts';

export interface DeleteTopicsRequest {
  readonly names: readonly string[];
}

export interface DeleteTopicsResponse {
  readonly topics: readonly { name: string; error: ErrorCode }[];
}

export const deleteTopics: Api<DeleteTopicsRequest, DeleteTopicsResponse> = {
  key: 20,
  name: 'DeleteTopics',
  versions: [0, 1],
  readRequest(reader) {
    const names = reader.array(() => reader.string());
    reader.int32();
    return { names };
  },
  writeResponse(writer, { topics }, version) {
    if (version >= 1) writer.int32(0);
    writer.array(topics, ({ name, error }) => {
      writer.string(name).int16(error);
    });
  },
};
