import type { Client } from '../groups/member.ts';

/** The connection of a request, as its handler sees it. */
export interface RequestContext {
  readonly client: Client;
  /** The address of this machine that the client connected to. */
  readonly localAddress: string;
  /** Resolves when the socket has accepted the responses to all earlier requests of the connection. */
  readonly turn: Promise<void>;
  /** Aborted when the connection closes. */
  readonly closing: AbortSignal;
  /** Ends the connection: the only sign of a failure for a client that expects no response. */
  disconnect(): void;
}
