import { ErrorCode } from '../protocol/error-code.ts';
import type { JoinGroupResponse } from '../protocol/join-group.ts';
import type { Member } from './member.ts';

/** A generation of a group, as its members learn of it. */
export interface Generation {
  readonly generation: number;
  readonly protocol: string;
  readonly leaderId: string;
}

/** The response to the join of a member. Only the leader gets the metadata of all members. */
export function acceptJoin(
  member: Member,
  members: Iterable<Member>,
  { generation, protocol, leaderId }: Generation,
): JoinGroupResponse {
  const allMembers = [...members].map((each) => ({
    memberId: each.id,
    metadata: each.metadataFor(protocol),
  }));
  return {
    error: ErrorCode.none,
    generation,
    protocol,
    leaderId,
    memberId: member.id,
    members: member.id === leaderId ? allMembers : [],
  };
}

/** The response to a refused join. */
export function refuseJoin(error: ErrorCode, memberId: string): JoinGroupResponse {
  return { error, generation: -1, protocol: '', leaderId: '', memberId, members: [] };
}
