import type { Api } from './api.ts';
import type { ErrorCode } from './error-code.ts';

export interface ListGroupsResponse {
  readonly error: ErrorCode;
  readonly groups: readonly { groupId: string; protocolType: string }[];
}

export const listGroups: Api<object, ListGroupsResponse> = {
  key: 16,
  name: 'ListGroups',
  versions: [0, 2],
  readRequest: () => ({}),
  writeResponse(writer, { error, groups }, version) {
    if (version >= 1) writer.int32(0);
    writer.int16(error).array(groups, ({ groupId, protocolType }) => {
      writer.string(groupId).string(protocolType);
    });
  },
};
