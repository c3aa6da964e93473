import type { Api } from './api.ts';
import type { ErrorCode } from './error-code.ts';

export interface HeartbeatRequest {
  readonly groupId: string;
  readonly generation: number;
  readonly memberId: string;
}

export interface HeartbeatResponse {
  readonly error: ErrorCode;
}

export const heartbeat: Api<HeartbeatRequest, HeartbeatResponse> = {
  key: 12,
  name: 'Heartbeat',
  versions: [0, 2],
  readRequest: (reader) => ({
    groupId: reader.string(),
    generation: reader.int32(),
    memberId: reader.string(),
  }),
  writeResponse(writer, { error }, version) {
    if (version >= 1) writer.int32(0);
    writer.int16(error);
  },
};
