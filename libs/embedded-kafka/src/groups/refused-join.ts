import type { ErrorCode } from '../protocol/error-code.ts';
import type { JoinGroupResponse } from '../protocol/join-group.ts';

/** The response to a refused join. */
export function refuseJoin(error: ErrorCode, memberId: string): JoinGroupResponse {
  return { error, generation: -1, protocol: '', leaderId: '', memberId, members: [] };
}
