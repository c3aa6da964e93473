import type { Api } from './api.ts';
import type { ErrorCode } from './error-code.ts';

export interface CreatePartitionsRequest {
  readonly topics: readonly { name: string; count: number }[];
}

export interface CreatePartitionsResponse {
  readonly topics: readonly { name: string; error: ErrorCode; message: string | null }[];
}

export const createPartitions: Api<CreatePartitionsRequest, CreatePartitionsResponse> = {
  key: 37,
  name: 'CreatePartitions',
  versions: [0, 1],
  readRequest(reader) {
    const topics = reader.array(() => {
      const name = reader.string();
      const count = reader.int32();
      reader.array(() => reader.array(() => reader.int32()));
      return { name, count };
    });
    reader.int32();
    reader.boolean();
    return { topics };
  },
  writeResponse(writer, { topics }) {
    writer.int32(0).array(topics, ({ name, error, message }) => {
      writer.string(name).int16(error).string(message);
    });
  },
};
