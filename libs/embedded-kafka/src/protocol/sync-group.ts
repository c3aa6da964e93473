import type { Api } from './api.ts';
import type { ErrorCode } from './error-code.ts';

export interface SyncGroupRequest {
  readonly groupId: string;
  readonly generation: number;
  readonly memberId: string;
  /** The assignments of all members from the leader; empty from the others. */
  readonly assignments: readonly { memberId: string; assignment: Buffer }[];
}

export interface SyncGroupResponse {
  readonly error: ErrorCode;
  readonly assignment: Buffer;
}

export const syncGroup: Api<SyncGroupRequest, SyncGroupResponse> = {
  key: 14,
  name: 'SyncGroup',
  versions: [0, 2],
  readRequest: (reader) => ({
    groupId: reader.string(),
    generation: reader.int32(),
    memberId: reader.string(),
    assignments: reader.array(() => ({
      memberId: reader.string(),
      assignment: Buffer.from(reader.bytes()),
    })),
  }),
  writeResponse(writer, { error, assignment }, version) {
    if (version >= 1) writer.int32(0);
    writer.int16(error).bytes(assignment);
  },
};
