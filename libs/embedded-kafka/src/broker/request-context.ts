import type { Client } from '../groups/member.ts';

/** What a handler may know of the connection a request came on. */
export interface RequestContext {
  readonly client: Client;
  /** The address of this machine that the client connected to. */
  readonly localAddress: string;
  /** Resolves when the answers to all earlier requests of the connection were taken by the socket. */
  readonly turn: Promise<void>;
  /** Aborted when nobody waits for the answer any more. */
  readonly closing: AbortSignal;
  /** Ends the connection: the only sign of a failure for a client that wants no answer. */
  disconnect(): void;
}
