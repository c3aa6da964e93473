import type { BrokerEvent, BrokerState, CommittedOffset } from '../catalog/broker-state.ts';
import type { Journal } from '../catalog/journal.ts';
import type { DescribedGroup } from '../protocol/describe-groups.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import type { HeartbeatRequest } from '../protocol/heartbeat.ts';
import type { JoinGroupRequest, JoinGroupResponse } from '../protocol/join-group.ts';
import type { SyncGroupRequest, SyncGroupResponse } from '../protocol/sync-group.ts';
import { Group, type GroupSettings } from './group.ts';
import { refuseJoin } from './join-response.ts';
import type { Client } from './member.ts';

/** The shortest and the longest session time-out of a member, in milliseconds. Apache Kafka's minimum of 6 s is too long for tests. */
const SESSION_TIMEOUTS = { min: 100, max: 30 * 60 * 1000 };
/** The longest delay of a timer in Node, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

/** The consumer groups: their members are in memory, their committed offsets are in the journal. */
export class GroupCoordinator {
  private readonly groups = new Map<string, Group>();

  constructor(
    private readonly state: BrokerState,
    private readonly journal: Journal<BrokerEvent>,
    private readonly settings: Omit<GroupSettings, 'onEmpty'>,
  ) {}

  async join(request: JoinGroupRequest, client: Client): Promise<JoinGroupResponse> {
    const { groupId, memberId, sessionTimeout, rebalanceTimeout } = request;
    const refuse = (error: ErrorCode) => refuseJoin(error, memberId);
    if (groupId === '') return refuse(ErrorCode.invalidGroupId);
    if (sessionTimeout < SESSION_TIMEOUTS.min || sessionTimeout > SESSION_TIMEOUTS.max)
      return refuse(ErrorCode.invalidSessionTimeout);
    const known = this.groups.get(groupId);
    if (!known && memberId !== '') return refuse(ErrorCode.unknownMemberId);
    const bounded = Math.min(Math.max(rebalanceTimeout, 0), LONGEST_TIMER);
    const group = known ?? this.create(groupId);
    const response = group.join({ ...request, rebalanceTimeout: bounded }, client);
    if (group.isEmpty) this.groups.delete(groupId);
    return response;
  }

  async sync(request: SyncGroupRequest): Promise<SyncGroupResponse> {
    const group = this.groups.get(request.groupId);
    if (!group) return { error: ErrorCode.unknownMemberId, assignment: Buffer.alloc(0) };
    return group.sync(request);
  }

  heartbeat(request: HeartbeatRequest): ErrorCode {
    return this.groups.get(request.groupId)?.heartbeat(request) ?? ErrorCode.unknownMemberId;
  }

  leave(groupId: string, memberId: string): ErrorCode {
    return this.groups.get(groupId)?.leave(memberId) ?? ErrorCode.unknownMemberId;
  }

  /** Whether the sender may commit for the group now. */
  checkCommit(groupId: string, memberId: string, generation: number): ErrorCode {
    if (groupId === '') return ErrorCode.invalidGroupId;
    const group = this.groups.get(groupId);
    if (group) return group.checkCommit(memberId, generation);
    return generation < 0 ? ErrorCode.none : ErrorCode.illegalGeneration;
  }

  /** Commits the offsets; they are durable when this returns. Throws JournalUnavailable. */
  async commit(group: string, offsets: CommittedOffset[]): Promise<void> {
    if (offsets.length > 0) await this.journal.record({ type: 'OffsetsCommitted', group, offsets });
  }

  committed(group: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.state.committed(group, topic, partition);
  }

  committedBy(group: string): CommittedOffset[] {
    return this.state.committedBy(group);
  }

  /** All groups that have members or committed offsets. */
  list(): { groupId: string; protocolType: string }[] {
    const ids = new Set([...this.groups.keys(), ...this.state.groupsWithOffsets()]);
    return [...ids].map((groupId) => ({
      groupId,
      protocolType: this.groups.get(groupId)?.protocolType ?? '',
    }));
  }

  describe(groupId: string): DescribedGroup {
    const group = this.groups.get(groupId);
    if (group) return group.describe();
    const state = this.state.hasOffsets(groupId) ? 'Empty' : 'Dead';
    return { error: ErrorCode.none, groupId, state, protocolType: '', protocol: '', members: [] };
  }

  /** Deletes the offsets of a group without members. Throws JournalUnavailable. */
  async delete(groupId: string): Promise<ErrorCode> {
    if (this.groups.has(groupId)) return ErrorCode.nonEmptyGroup;
    if (!this.state.hasOffsets(groupId)) return ErrorCode.groupIdNotFound;
    await this.journal.record({ type: 'GroupDeleted', group: groupId });
    return ErrorCode.none;
  }

  /** Responds to all requests that wait for a rebalance. */
  stop(): void {
    for (const group of this.groups.values()) group.stop();
    this.groups.clear();
  }

  private create(groupId: string): Group {
    const onEmpty = () => this.groups.delete(groupId);
    const group = new Group(groupId, { ...this.settings, onEmpty });
    this.groups.set(groupId, group);
    return group;
  }
}
