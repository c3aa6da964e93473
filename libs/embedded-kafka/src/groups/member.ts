import type { ErrorCode } from '../protocol/error-code.ts';
import type { JoinGroupRequest, JoinGroupResponse } from '../protocol/join-group.ts';
import type { SyncGroupResponse } from '../protocol/sync-group.ts';

const NO_BYTES = Buffer.alloc(0);

/** Who sent a request. */
export interface Client {
  readonly id: string;
  readonly host: string;
}

/** A member of a consumer group, with the answers that it waits for. */
export class Member {
  assignment: Buffer = NO_BYTES;
  private sessionEnd: (() => void) | undefined;
  private answerJoin: ((response: JoinGroupResponse) => void) | undefined;
  private answerSync: ((response: SyncGroupResponse) => void) | undefined;

  constructor(
    readonly id: string,
    readonly client: Client,
    private request: JoinGroupRequest,
  ) {}

  get protocols(): JoinGroupRequest['protocols'] {
    return this.request.protocols;
  }

  get rebalanceTimeout(): number {
    return this.request.rebalanceTimeout;
  }

  get sessionTimeout(): number {
    return this.request.sessionTimeout;
  }

  get isJoining(): boolean {
    return this.answerJoin !== undefined;
  }

  get isSyncing(): boolean {
    return this.answerSync !== undefined;
  }

  supports(protocol: string): boolean {
    return this.protocols.some(({ name }) => name === protocol);
  }

  metadataFor(protocol: string): Buffer {
    return this.protocols.find(({ name }) => name === protocol)?.metadata ?? NO_BYTES;
  }

  /** Whether the request says what is known already. */
  saysTheSame(request: JoinGroupRequest): boolean {
    return (
      request.protocols.length === this.protocols.length &&
      request.protocols.every(({ name, metadata }, index) => {
        const known = this.protocols[index]!;
        return known.name === name && known.metadata.equals(metadata);
      })
    );
  }

  update(request: JoinGroupRequest): void {
    this.request = request;
  }

  /** The answer to a join, once there is one. An earlier request that still waits (from a lost connection) is answered with `superseded`. */
  waitForJoin(superseded: JoinGroupResponse): Promise<JoinGroupResponse> {
    this.join(superseded);
    return new Promise((resolve) => {
      this.answerJoin = resolve;
    });
  }

  waitForSync(superseded: ErrorCode): Promise<SyncGroupResponse> {
    this.sync(superseded);
    return new Promise((resolve) => {
      this.answerSync = resolve;
    });
  }

  join(response: JoinGroupResponse): void {
    const answer = this.answerJoin;
    this.answerJoin = undefined;
    answer?.(response);
  }

  /** Answers the sync that waits, if one does: with the assignment, or with an error. */
  sync(error: ErrorCode): void {
    const answer = this.answerSync;
    this.answerSync = undefined;
    answer?.({ error, assignment: error === 0 ? this.assignment : NO_BYTES });
  }

  /** Replaces the running session by one that `start` starts; none if it is not given. */
  renewSession(start?: () => () => void): void {
    this.sessionEnd?.();
    this.sessionEnd = start?.();
  }
}
