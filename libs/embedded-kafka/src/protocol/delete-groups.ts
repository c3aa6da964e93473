import type { Api } from './api.ts';
import type { ErrorCode } from './error-code.ts';

export interface DeleteGroupsRequest {
  readonly groupIds: readonly string[];
}

export interface DeleteGroupsResponse {
  readonly groups: readonly { groupId: string; error: ErrorCode }[];
}

export const deleteGroups: Api<DeleteGroupsRequest, DeleteGroupsResponse> = {
  key: 42,
  name: 'DeleteGroups',
  versions: [0, 1],
  readRequest: (reader) => ({ groupIds: reader.array(() => reader.string()) }),
  writeResponse(writer, { groups }) {
    writer.int32(0).array(groups, ({ groupId, error }) => {
      writer.string(groupId).int16(error);
    });
  },
};
