import type { Api } from './api.ts';
import type { ErrorCode } from './error-code.ts';

export interface DescribeGroupsRequest {
  readonly groupIds: readonly string[];
}

export interface DescribedMember {
  readonly memberId: string;
  readonly clientId: string;
  readonly clientHost: string;
  readonly metadata: Buffer;
  readonly assignment: Buffer;
}

export interface DescribedGroup {
  readonly error: ErrorCode;
  readonly groupId: string;
  readonly state: string;
  readonly protocolType: string;
  readonly protocol: string;
  readonly members: readonly DescribedMember[];
}

export interface DescribeGroupsResponse {
  readonly groups: readonly DescribedGroup[];
}

export const describeGroups: Api<DescribeGroupsRequest, DescribeGroupsResponse> = {
  key: 15,
  name: 'DescribeGroups',
  versions: [0, 2],
  readRequest: (reader) => ({ groupIds: reader.array(() => reader.string()) }),
  writeResponse(writer, { groups }, version) {
    if (version >= 1) writer.int32(0);
    writer.array(groups, (group) => {
      writer.int16(group.error).string(group.groupId).string(group.state);
      writer.string(group.protocolType).string(group.protocol);
      writer.array(group.members, (member) => {
        writer.string(member.memberId);
        writer.string(member.clientId).string(member.clientHost);
        writer.bytes(member.metadata).bytes(member.assignment);
      });
    });
  },
};
