import type { GroupCoordinator } from '../groups/group-coordinator.ts';
import type { DeleteGroupsRequest, DeleteGroupsResponse } from '../protocol/delete-groups.ts';
import type { DescribeGroupsRequest, DescribeGroupsResponse } from '../protocol/describe-groups.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import type { ListGroupsResponse } from '../protocol/list-groups.ts';
import { errorCodeOf } from './error-code-of.ts';

/** Lists, describes and deletes groups. */
export class GroupsHandler {
  constructor(private readonly groups: GroupCoordinator) {}

  list(): ListGroupsResponse {
    return { error: ErrorCode.none, groups: this.groups.list() };
  }

  describe({ groupIds }: DescribeGroupsRequest): DescribeGroupsResponse {
    return { groups: groupIds.map((groupId) => this.groups.describe(groupId)) };
  }

  async delete({ groupIds }: DeleteGroupsRequest): Promise<DeleteGroupsResponse> {
    return { groups: await Promise.all(groupIds.map((groupId) => this.deleteOne(groupId))) };
  }

  private async deleteOne(groupId: string) {
    try {
      return { groupId, error: await this.groups.delete(groupId) };
    } catch (error) {
      return { groupId, error: errorCodeOf(error) };
    }
  }
}
