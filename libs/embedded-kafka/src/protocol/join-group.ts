import type { Api } from './api.ts';
import type { ErrorCode } from './error-code.ts';

export interface JoinGroupRequest {
  readonly groupId: string;
  /** Milliseconds. */
  readonly sessionTimeout: number;
  /** Milliseconds. */
  readonly rebalanceTimeout: number;
  /** Empty for a new member. */
  readonly memberId: string;
  readonly protocolType: string;
  readonly protocols: readonly { name: string; metadata: Buffer }[];
  /** From version 4 on, a new member first gets its id and then joins again with it (KIP-394). */
  readonly understandsMemberIdRequired: boolean;
}

export interface JoinGroupResponse {
  readonly error: ErrorCode;
  readonly generation: number;
  readonly protocol: string;
  readonly leaderId: string;
  readonly memberId: string;
  /** The metadata of all members for the leader; empty for the others. */
  readonly members: readonly { memberId: string; metadata: Buffer }[];
}

/** JoinGroup. Version 5 has static membership (KIP-345), which is not supported. */
export const joinGroup: Api<JoinGroupRequest, JoinGroupResponse> = {
  key: 11,
  name: 'JoinGroup',
  versions: [0, 4],
  readRequest(reader, version) {
    const groupId = reader.string();
    const sessionTimeout = reader.int32();
    const rebalanceTimeout = version >= 1 ? reader.int32() : sessionTimeout;
    return {
      groupId,
      sessionTimeout,
      rebalanceTimeout,
      memberId: reader.string(),
      protocolType: reader.string(),
      protocols: reader.array(() => ({
        name: reader.string(),
        metadata: Buffer.from(reader.bytes()),
      })),
      understandsMemberIdRequired: version >= 4,
    };
  },
  writeResponse(writer, response, version) {
    if (version >= 2) writer.int32(0);
    writer.int16(response.error).int32(response.generation).string(response.protocol);
    writer.string(response.leaderId).string(response.memberId);
    writer.array(response.members, ({ memberId, metadata }) => {
      writer.string(memberId).bytes(metadata);
    });
  },
};
