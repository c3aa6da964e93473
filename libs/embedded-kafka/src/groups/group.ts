import type { DescribedGroup } from '../protocol/describe-groups.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import type { HeartbeatRequest } from '../protocol/heartbeat.ts';
import type { JoinGroupRequest, JoinGroupResponse } from '../protocol/join-group.ts';
import type { SyncGroupRequest, SyncGroupResponse } from '../protocol/sync-group.ts';
import type { Clock } from './clock.ts';
import { Member, type Client } from './member.ts';
import { chooseProtocol, findCommonProtocols } from './protocol-vote.ts';

const NO_BYTES = Buffer.alloc(0);

export interface GroupSettings {
  readonly clock: Clock;
  /** What makes member ids unique. */
  newId(): string;
  /** How long the first members of an empty group wait for others, ms. */
  readonly initialRebalanceDelay: number;
  readonly maxMembers: number;
  /** Called when the last member is gone. */
  onEmpty(): void;
}

/**
 * A consumer group of the classic protocol: members join, the leader assigns, heartbeats keep them in. The states and answers
 * are those of Apache Kafka's GroupCoordinator (KIP-62, KIP-134, KIP-394), without static members.
 */
export class Group {
  private state: 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' = 'Empty';
  private generation = 0;
  private protocol = '';
  private type = '';
  private leaderId = '';
  private readonly members = new Map<string, Member>();
  /** Ids that were given out, whose owners have yet to join with them; with what ends the wait. */
  private readonly expected = new Map<string, () => void>();
  private cancelTimer: (() => void) | undefined;
  /** Set while an empty group gathers its first members: when that has to end. */
  private gathering: { readonly until: number; grew: boolean } | undefined;

  constructor(
    readonly id: string,
    private readonly settings: GroupSettings,
  ) {}

  get isEmpty(): boolean {
    return this.members.size === 0 && this.expected.size === 0;
  }

  get protocolType(): string {
    return this.type;
  }

  /** Lets someone in, or a member join the next generation; answered when that begins. */
  async join(request: JoinGroupRequest, client: Client): Promise<JoinGroupResponse> {
    if (!this.fits(request))
      return this.refuseJoin(ErrorCode.inconsistentGroupProtocol, request.memberId);
    if (request.memberId === '') return this.joinAsStranger(request, client);
    const stopExpecting = this.expected.get(request.memberId);
    if (stopExpecting) {
      stopExpecting();
      this.expected.delete(request.memberId);
      return this.admit(request.memberId, request, client);
    }
    const member = this.members.get(request.memberId);
    if (!member) return this.refuseJoin(ErrorCode.unknownMemberId, request.memberId);
    return this.rejoin(member, request);
  }

  /** Gives a member its assignment; the leader brings everybody's. */
  async sync(request: SyncGroupRequest): Promise<SyncGroupResponse> {
    const member = this.members.get(request.memberId);
    const refused = this.refusal(member, request.generation);
    if (!member || refused !== ErrorCode.none) return { error: refused, assignment: NO_BYTES };
    if (this.state === 'PreparingRebalance')
      return { error: ErrorCode.rebalanceInProgress, assignment: NO_BYTES };
    if (this.state === 'Stable') {
      this.keepAlive(member);
      return { error: ErrorCode.none, assignment: member.assignment };
    }
    member.renewSession();
    const answer = member.waitForSync(ErrorCode.rebalanceInProgress);
    if (member.id === this.leaderId) this.assign(request.assignments);
    return answer;
  }

  heartbeat({ memberId, generation }: HeartbeatRequest): ErrorCode {
    const member = this.members.get(memberId);
    const refused = this.refusal(member, generation);
    if (!member || refused !== ErrorCode.none) return refused;
    this.keepAlive(member);
    return this.state === 'PreparingRebalance' ? ErrorCode.rebalanceInProgress : ErrorCode.none;
  }

  leave(memberId: string): ErrorCode {
    const stopExpecting = this.expected.get(memberId);
    if (stopExpecting) {
      stopExpecting();
      this.dropExpected(memberId);
      return ErrorCode.none;
    }
    const member = this.members.get(memberId);
    if (!member) return ErrorCode.unknownMemberId;
    this.remove(member);
    return ErrorCode.none;
  }

  /** Whether these offsets may be committed now: by a member of this generation, or by anyone while there are no members. */
  checkCommit(memberId: string, generation: number): ErrorCode {
    if (generation < 0 && this.members.size === 0) return ErrorCode.none;
    const member = this.members.get(memberId);
    const refused = this.refusal(member, generation);
    if (!member || refused !== ErrorCode.none) return refused;
    // Between two generations nobody knows yet whose partitions these are.
    if (this.state === 'CompletingRebalance') return ErrorCode.rebalanceInProgress;
    this.keepAlive(member);
    return ErrorCode.none;
  }

  describe(): DescribedGroup {
    return {
      error: ErrorCode.none,
      groupId: this.id,
      state: this.state,
      protocolType: this.type,
      protocol: this.state === 'Stable' ? this.protocol : '',
      members: [...this.members.values()].map((member) => ({
        memberId: member.id,
        clientId: member.client.id,
        clientHost: member.client.host,
        metadata: member.metadataFor(this.protocol),
        assignment: member.assignment,
      })),
    };
  }

  /** Answers everyone who waits and starts no timer any more. */
  stop(): void {
    this.cancelTimer?.();
    for (const stopExpecting of this.expected.values()) stopExpecting();
    this.expected.clear();
    for (const member of this.members.values()) {
      member.renewSession();
      member.join(this.refuseJoin(ErrorCode.notCoordinator, member.id));
      member.sync(ErrorCode.notCoordinator);
    }
    this.members.clear();
  }

  private joinAsStranger(request: JoinGroupRequest, client: Client): Promise<JoinGroupResponse> {
    if (this.members.size + this.expected.size >= this.settings.maxMembers)
      return Promise.resolve(this.refuseJoin(ErrorCode.groupMaxSizeReached, ''));
    const memberId = `${client.id}-${this.settings.newId()}`;
    if (!request.understandsMemberIdRequired) return this.admit(memberId, request, client);
    const giveUp = () => this.dropExpected(memberId);
    this.expected.set(memberId, this.settings.clock.after(request.sessionTimeout, giveUp));
    return Promise.resolve(this.refuseJoin(ErrorCode.memberIdRequired, memberId));
  }

  private admit(
    memberId: string,
    request: JoinGroupRequest,
    client: Client,
  ): Promise<JoinGroupResponse> {
    const member = new Member(memberId, client, request);
    this.members.set(memberId, member);
    this.type = request.protocolType;
    if (this.gathering) this.gathering.grew = true;
    return this.joinNextGeneration(member);
  }

  private rejoin(member: Member, request: JoinGroupRequest): Promise<JoinGroupResponse> {
    const changed = !member.saysTheSame(request);
    member.update(request);
    const leaderWantsAnother = this.state === 'Stable' && member.id === this.leaderId;
    if (this.state === 'PreparingRebalance' || changed || leaderWantsAnother)
      return this.joinNextGeneration(member);
    // Its answer was lost on the way: it is in this generation.
    this.keepAlive(member);
    return Promise.resolve(this.joined(member));
  }

  private joinNextGeneration(member: Member): Promise<JoinGroupResponse> {
    const answer = member.waitForJoin(this.refuseJoin(ErrorCode.rebalanceInProgress, member.id));
    // Whoever waits for the others is not overdue.
    member.renewSession();
    if (this.state === 'PreparingRebalance') this.beginIfAllJoined();
    else this.prepareRebalance();
    return answer;
  }

  private prepareRebalance(): void {
    for (const member of this.members.values()) {
      if (!member.isSyncing) continue;
      member.sync(ErrorCode.rebalanceInProgress);
      this.keepAlive(member);
    }
    const wasEmpty = this.state === 'Empty';
    this.state = 'PreparingRebalance';
    if (wasEmpty) {
      this.gathering = { until: this.settings.clock.now() + this.longestRebalance(), grew: false };
      this.setTimer(this.settings.initialRebalanceDelay, () => this.gatherOn());
    } else {
      this.setTimer(this.longestRebalance(), () => this.beginGeneration());
      this.beginIfAllJoined();
    }
  }

  private gatherOn(): void {
    const gathering = this.gathering;
    const left = (gathering?.until ?? 0) - this.settings.clock.now();
    if (!gathering?.grew || left <= 0) {
      this.beginGeneration();
      return;
    }
    gathering.grew = false;
    this.setTimer(Math.min(this.settings.initialRebalanceDelay, left), () => this.gatherOn());
  }

  private beginIfAllJoined(): void {
    if (this.state !== 'PreparingRebalance' || this.gathering || this.expected.size > 0) return;
    if ([...this.members.values()].every(({ isJoining }) => isJoining)) this.beginGeneration();
  }

  private beginGeneration(): void {
    this.gathering = undefined;
    for (const member of this.members.values()) {
      if (member.isJoining) continue;
      member.renewSession();
      this.members.delete(member.id);
    }
    this.generation++;
    const [first] = this.members.values();
    if (!first) {
      this.becomeEmpty();
      return;
    }
    if (!this.members.has(this.leaderId)) this.leaderId = first.id;
    this.protocol = chooseProtocol([...this.members.values()]);
    this.state = 'CompletingRebalance';
    this.setTimer(this.longestRebalance(), () => this.removeUnsynced());
    for (const member of this.members.values()) {
      member.assignment = NO_BYTES;
      this.keepAlive(member);
      member.join(this.joined(member));
    }
  }

  private assign(assignments: SyncGroupRequest['assignments']): void {
    this.cancelTimer?.();
    this.state = 'Stable';
    for (const { memberId, assignment } of assignments) {
      const member = this.members.get(memberId);
      if (member) member.assignment = assignment;
    }
    for (const member of this.members.values()) {
      member.sync(ErrorCode.none);
      this.keepAlive(member);
    }
  }

  private removeUnsynced(): void {
    // Found first: the first removal answers those who wait.
    const overdue = [...this.members.values()].filter(({ isSyncing }) => !isSyncing);
    for (const member of overdue) this.remove(member);
  }

  private remove(member: Member): void {
    member.renewSession();
    this.members.delete(member.id);
    member.join(this.refuseJoin(ErrorCode.unknownMemberId, member.id));
    member.sync(ErrorCode.unknownMemberId);
    if (this.members.size === 0) {
      this.generation++;
      this.becomeEmpty();
    } else if (this.state === 'PreparingRebalance') this.beginIfAllJoined();
    else this.prepareRebalance();
  }

  private dropExpected(memberId: string): void {
    this.expected.delete(memberId);
    if (this.isEmpty) this.settings.onEmpty();
    else this.beginIfAllJoined();
  }

  private becomeEmpty(): void {
    this.cancelTimer?.();
    this.gathering = undefined;
    this.state = 'Empty';
    this.leaderId = '';
    this.protocol = '';
    if (this.isEmpty) this.settings.onEmpty();
  }

  private keepAlive(member: Member): void {
    // A member that waits for others is answered by them, or by the rebalance timer.
    if (member.isJoining && this.state === 'PreparingRebalance') return;
    const expire = () => this.remove(member);
    member.renewSession(() => this.settings.clock.after(member.sessionTimeout, expire));
  }

  private refusal(member: Member | undefined, generation: number): ErrorCode {
    if (!member) return ErrorCode.unknownMemberId;
    return generation === this.generation ? ErrorCode.none : ErrorCode.illegalGeneration;
  }

  private fits({ protocolType, protocols }: JoinGroupRequest): boolean {
    if (protocolType === '' || protocols.length === 0) return false;
    if (this.members.size === 0) return true;
    const common = findCommonProtocols([...this.members.values()]);
    return protocolType === this.type && protocols.some(({ name }) => common.includes(name));
  }

  private joined(member: Member): JoinGroupResponse {
    const everyone = [...this.members.values()].map((each) => ({
      memberId: each.id,
      metadata: each.metadataFor(this.protocol),
    }));
    return {
      error: ErrorCode.none,
      generation: this.generation,
      protocol: this.protocol,
      leaderId: this.leaderId,
      memberId: member.id,
      members: member.id === this.leaderId ? everyone : [],
    };
  }

  private refuseJoin(error: ErrorCode, memberId: string): JoinGroupResponse {
    return { error, generation: -1, protocol: '', leaderId: '', memberId, members: [] };
  }

  private longestRebalance(): number {
    return Math.max(...[...this.members.values()].map(({ rebalanceTimeout }) => rebalanceTimeout));
  }

  private setTimer(milliseconds: number, act: () => void): void {
    this.cancelTimer?.();
    this.cancelTimer = this.settings.clock.after(milliseconds, act);
  }
}
