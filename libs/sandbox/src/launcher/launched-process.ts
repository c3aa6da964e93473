import type { Socket } from 'node:net';

import type { ParserKind } from './launcher-messages.ts';

/** How a process ended: its output on standard error, and the signal that ended it. */
export interface ProcessEnd {
  stderr: string;
  signal: string | null;
}

/** A sandboxed process as its parent sees it: a connection to it, and how it ended. */
export class LaunchedProcess {
  readonly kind: ParserKind;
  /** A socket for the request, the document and the result. Rejects where no process could be started. */
  readonly connected: Promise<Socket>;
  /** Resolves when the process has ended and its result is complete. */
  readonly ended: Promise<ProcessEnd>;
  /** Ends the process at once. */
  readonly kill: () => void;
  pid: number | undefined;
  alive = true;

  private connection: Socket | undefined;
  private processEnd: ProcessEnd | undefined;
  private readonly connecting = Promise.withResolvers<Socket>();
  private readonly ending = Promise.withResolvers<ProcessEnd>();

  constructor(kind: ParserKind, kill: () => void) {
    this.kind = kind;
    this.kill = kill;
    this.connected = this.connecting.promise;
    this.ended = this.ending.promise;
    // An unused process may fail without a listener; its user awaits both.
    this.connected.catch(() => undefined);
    this.ended.catch(() => undefined);
  }

  /** Sets the connection that the process opened. */
  connect(connection: Socket): void {
    this.connection = connection;
    connection.once('end', () => this.settle());
    connection.once('close', () => this.settle());
    this.connecting.resolve(connection);
  }

  /** The process has ended; a part of its result may still arrive. */
  end({ stderr, signal }: ProcessEnd): void {
    this.alive = false;
    this.processEnd = { stderr, signal };
    this.settle();
  }

  /** No process was started, or its launcher was lost. */
  fail(error: Error): void {
    this.alive = false;
    this.connecting.reject(error);
    this.ending.reject(error);
    this.connection?.destroy();
  }

  /** Whether the other end of the connection is still open. */
  get isConnected(): boolean {
    return this.connection !== undefined && !isClosed(this.connection);
  }

  private settle(): void {
    // The end of the process may be reported before its connection arrives.
    if (this.processEnd === undefined || !this.connection || !isClosed(this.connection)) return;
    this.connection.destroy();
    this.ending.resolve(this.processEnd);
  }
}

const isClosed = (connection: Socket) => connection.readableEnded || connection.closed;
