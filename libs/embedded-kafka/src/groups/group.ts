import type { DescribedGroup } from '../protocol/describe-groups.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import type { HeartbeatRequest } from '../protocol/heartbeat.ts';
import type { JoinGroupRequest, JoinGroupResponse } from '../protocol/join-group.ts';
import type { SyncGroupRequest, SyncGroupResponse } from '../protocol/sync-group.ts';
import type { Clock } from './clock.ts';
import { ExpectedMembers } from './expected-members.ts';
import { acceptJoin, refuseJoin } from './join-response.ts';
import { Member, NO_BYTES, type Client } from './member.ts';
import { chooseProtocol, findCommonProtocols } from './protocol-vote.ts';
import { RebalanceTimer } from './rebalance-timer.ts';

export interface GroupSettings {
  readonly clock: Clock;
  /** Gives the unique part of a member id. */
  newId(): string;
  /** How long the first members of an empty group wait for others, in milliseconds. */
  readonly initialRebalanceDelay: number;
  readonly maxMembers: number;
  /** Called when the last member has left. */
  onEmpty(): void;
}

/**
 * A consumer group of the classic protocol: members join, the leader assigns, heartbeats keep the members alive. The states and
 * responses are those of Apache Kafka's GroupCoordinator (KIP-62, KIP-134, KIP-394), without static members.
 */
export class Group {
  private state: 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' = 'Empty';
  private generation = 0;
  private protocol = '';
  private type = '';
  private leaderId = '';
  private readonly members = new Map<string, Member>();
  private readonly expected: ExpectedMembers;
  private readonly timer: RebalanceTimer;

  constructor(
    readonly id: string,
    private readonly settings: GroupSettings,
  ) {
    this.expected = new ExpectedMembers(settings.clock);
    this.timer = new RebalanceTimer(settings.clock, settings.initialRebalanceDelay);
  }

  get isEmpty(): boolean {
    return this.members.size === 0 && this.expected.size === 0;
  }

  get protocolType(): string {
    return this.type;
  }

  /** Adds a member, or lets a member join the next generation. Resolves when that generation begins. */
  async join(request: JoinGroupRequest, client: Client): Promise<JoinGroupResponse> {
    if (!this.fits(request))
      return refuseJoin(ErrorCode.inconsistentGroupProtocol, request.memberId);
    if (request.memberId === '') return this.joinAsNewMember(request, client);
    if (this.expected.claim(request.memberId)) return this.admit(request.memberId, request, client);
    const member = this.members.get(request.memberId);
    if (!member) return refuseJoin(ErrorCode.unknownMemberId, request.memberId);
    return this.rejoin(member, request);
  }

  /** Gives a member its assignment; the leader sends the assignments of all members. */
  async sync(request: SyncGroupRequest): Promise<SyncGroupResponse> {
    const member = this.members.get(request.memberId);
    const refused = this.errorFor(member, request.generation);
    if (!member || refused !== ErrorCode.none) return { error: refused, assignment: NO_BYTES };
    if (this.state === 'PreparingRebalance')
      return { error: ErrorCode.rebalanceInProgress, assignment: NO_BYTES };
    if (this.state === 'Stable') {
      this.keepAlive(member);
      return { error: ErrorCode.none, assignment: member.assignment };
    }
    member.renewSession();
    const response = member.waitForSync(ErrorCode.rebalanceInProgress);
    if (member.id === this.leaderId) this.assign(request.assignments);
    return response;
  }

  heartbeat({ memberId, generation }: HeartbeatRequest): ErrorCode {
    const member = this.members.get(memberId);
    const refused = this.errorFor(member, generation);
    if (!member || refused !== ErrorCode.none) return refused;
    this.keepAlive(member);
    return this.state === 'PreparingRebalance' ? ErrorCode.rebalanceInProgress : ErrorCode.none;
  }

  leave(memberId: string): ErrorCode {
    if (this.expected.claim(memberId)) {
      this.continueWithoutExpected();
      return ErrorCode.none;
    }
    const member = this.members.get(memberId);
    if (!member) return ErrorCode.unknownMemberId;
    this.remove(member);
    return ErrorCode.none;
  }

  /** Whether offsets may be committed now: by a member of this generation, or by any client while the group has no members. */
  checkCommit(memberId: string, generation: number): ErrorCode {
    if (generation < 0 && this.members.size === 0) return ErrorCode.none;
    const member = this.members.get(memberId);
    const refused = this.errorFor(member, generation);
    if (!member || refused !== ErrorCode.none) return refused;
    // Between two generations the partitions are not assigned yet.
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

  /** Responds to all waiting requests and stops all timers. */
  stop(): void {
    this.timer.cancel();
    this.expected.clear();
    for (const member of this.members.values()) {
      member.renewSession();
      member.join(refuseJoin(ErrorCode.notCoordinator, member.id));
      member.sync(ErrorCode.notCoordinator);
    }
    this.members.clear();
  }

  private joinAsNewMember(request: JoinGroupRequest, client: Client): Promise<JoinGroupResponse> {
    if (this.members.size + this.expected.size >= this.settings.maxMembers)
      return Promise.resolve(refuseJoin(ErrorCode.groupMaxSizeReached, ''));
    const memberId = `${client.id}-${this.settings.newId()}`;
    if (!request.understandsMemberIdRequired) return this.admit(memberId, request, client);
    this.expected.expect(memberId, request.sessionTimeout, () => this.continueWithoutExpected());
    return Promise.resolve(refuseJoin(ErrorCode.memberIdRequired, memberId));
  }

  private admit(
    memberId: string,
    request: JoinGroupRequest,
    client: Client,
  ): Promise<JoinGroupResponse> {
    const member = new Member(memberId, client, request);
    this.members.set(memberId, member);
    this.type = request.protocolType;
    this.timer.noteArrival();
    return this.joinNextGeneration(member);
  }

  private rejoin(member: Member, request: JoinGroupRequest): Promise<JoinGroupResponse> {
    const changed = !member.isUnchangedBy(request);
    member.update(request);
    const leaderRejoins = this.state === 'Stable' && member.id === this.leaderId;
    if (this.state === 'PreparingRebalance' || changed || leaderRejoins)
      return this.joinNextGeneration(member);
    // The member is in this generation already: the response to its earlier join was lost.
    this.keepAlive(member);
    return Promise.resolve(this.joined(member));
  }

  private joinNextGeneration(member: Member): Promise<JoinGroupResponse> {
    const response = member.waitForJoin(refuseJoin(ErrorCode.rebalanceInProgress, member.id));
    // A member that waits for others does not time out.
    member.renewSession();
    if (this.state === 'PreparingRebalance') this.beginIfAllJoined();
    else this.prepareRebalance();
    return response;
  }

  private prepareRebalance(): void {
    for (const member of this.members.values()) {
      if (!member.isSyncing) continue;
      member.sync(ErrorCode.rebalanceInProgress);
      this.keepAlive(member);
    }
    const wasEmpty = this.state === 'Empty';
    this.state = 'PreparingRebalance';
    const begin = () => this.beginGeneration();
    if (wasEmpty) this.timer.gather(this.longestRebalance(), begin);
    else {
      this.timer.wait(this.longestRebalance(), begin);
      this.beginIfAllJoined();
    }
  }

  private beginIfAllJoined(): void {
    if (this.state !== 'PreparingRebalance' || this.timer.isGathering || this.expected.size > 0)
      return;
    if ([...this.members.values()].every(({ isJoining }) => isJoining)) this.beginGeneration();
  }

  private beginGeneration(): void {
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
    this.timer.wait(this.longestRebalance(), () => this.removeUnsynced());
    for (const member of this.members.values()) {
      member.assignment = NO_BYTES;
      this.keepAlive(member);
      member.join(this.joined(member));
    }
  }

  private assign(assignments: SyncGroupRequest['assignments']): void {
    this.timer.cancel();
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
    // Collected first, because the first removal responds to the waiting members.
    const overdue = [...this.members.values()].filter(({ isSyncing }) => !isSyncing);
    for (const member of overdue) this.remove(member);
  }

  private remove(member: Member): void {
    member.renewSession();
    this.members.delete(member.id);
    member.join(refuseJoin(ErrorCode.unknownMemberId, member.id));
    member.sync(ErrorCode.unknownMemberId);
    if (this.members.size === 0) {
      this.generation++;
      this.becomeEmpty();
    } else if (this.state === 'PreparingRebalance') this.beginIfAllJoined();
    else this.prepareRebalance();
  }

  private continueWithoutExpected(): void {
    if (this.isEmpty) this.settings.onEmpty();
    else this.beginIfAllJoined();
  }

  private becomeEmpty(): void {
    this.timer.cancel();
    this.state = 'Empty';
    this.leaderId = '';
    this.protocol = '';
    if (this.isEmpty) this.settings.onEmpty();
  }

  private keepAlive(member: Member): void {
    // A waiting member gets its response when the others join, or from the rebalance timer.
    if (member.isJoining && this.state === 'PreparingRebalance') return;
    const expire = () => this.remove(member);
    member.renewSession(() => this.settings.clock.after(member.sessionTimeout, expire));
  }

  private errorFor(member: Member | undefined, generation: number): ErrorCode {
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
    const { generation, protocol, leaderId } = this;
    return acceptJoin(member, this.members.values(), { generation, protocol, leaderId });
  }

  private longestRebalance(): number {
    return Math.max(...[...this.members.values()].map(({ rebalanceTimeout }) => rebalanceTimeout));
  }
}
