import type { Api } from './api.ts';
import type { ErrorCode } from './error-code.ts';

export interface LeaveGroupRequest {
  readonly groupId: string;
  readonly memberId: string;
}

export interface LeaveGroupResponse {
  readonly error: ErrorCode;
}

export const leaveGroup: Api<LeaveGroupRequest, LeaveGroupResponse> = {
  key: 13,
  name: 'LeaveGroup',
  versions: [0, 2],
  readRequest: (reader) => ({ groupId: reader.string(), memberId: reader.string() }),
  writeResponse(writer, { error }, version) {
    if (version >= 1) writer.int32(0);
    writer.int16(error);
  },
};
