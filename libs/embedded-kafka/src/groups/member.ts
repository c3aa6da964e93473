import type { ErrorCode } from '../protocol/error-code.ts';
import type { JoinGroupRequest, JoinGroupResponse } from '../protocol/join-group.ts';
import type { SyncGroupResponse } from '../protocol/sync-group.ts';

export const NO_BYTES = Buffer.alloc(0);

/** The sender of a request. */
export interface Client {
  readonly id: string;
  readonly host: string;
}

/** A member of a consumer group, with the responses that it waits for. */
export class Member {
  assignment: Buffer = NO_BYTES;
  private sessionEnd: (() => void) | undefined;
  private respondToJoin: ((response: JoinGroupResponse) => void) | undefined;
  private respondToSync: ((response: SyncGroupResponse) => void) | undefined;

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
    return this.respondToJoin !== undefined;
  }

  get isSyncing(): boolean {
    return this.respondToSync !== undefined;
  }

  supports(protocol: string): boolean {
    return this.protocols.some(({ name }) => name === protocol);
  }

  metadataFor(protocol: string): Buffer {
    return this.protocols.find(({ name }) => name === protocol)?.metadata ?? NO_BYTES;
  }

  /** Whether the request has the same protocols and metadata as the last one. */
  isUnchangedBy(request: JoinGroupRequest): boolean {
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

  /** Resolves with the response to a join. An earlier join that still waits, from a lost connection, gets `superseded`. */
  waitForJoin(superseded: JoinGroupResponse): Promise<JoinGroupResponse> {
    this.join(superseded);
    return new Promise((resolve) => {
      this.respondToJoin = resolve;
    });
  }

  waitForSync(superseded: ErrorCode): Promise<SyncGroupResponse> {
    this.sync(superseded);
    return new Promise((resolve) => {
      this.respondToSync = resolve;
    });
  }

  /** Responds to a waiting join. */
  join(response: JoinGroupResponse): void {
    const respond = this.respondToJoin;
    this.respondToJoin = undefined;
    respond?.(response);
  }

  /** Responds to a waiting sync, with the assignment or with an error. */
  sync(error: ErrorCode): void {
    const respond = this.respondToSync;
    this.respondToSync = undefined;
    respond?.({ error, assignment: error === 0 ? this.assignment : NO_BYTES });
  }

  /** Ends the running session timer and starts another one with `start`, if it is given. */
  renewSession(start?: () => () => void): void {
    this.sessionEnd?.();
    this.sessionEnd = start?.();
  }
}
