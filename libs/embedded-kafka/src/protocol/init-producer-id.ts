import type { Api } from './api.ts';
import type { ErrorCode } from './error-code.ts';

export interface InitProducerIdRequest {
  readonly transactionalId: string | null;
}

export interface InitProducerIdResponse {
  readonly error: ErrorCode;
  readonly producerId: number;
  readonly epoch: number;
}

export const initProducerId: Api<InitProducerIdRequest, InitProducerIdResponse> = {
  key: 22,
  name: 'InitProducerId',
  versions: [0, 1],
  readRequest(reader) {
    const transactionalId = reader.nullableString();
    reader.int32();
    return { transactionalId };
  },
  writeResponse(writer, { error, producerId, epoch }) {
    writer.int32(0).int16(error).int64(producerId).int16(epoch);
  },
};
