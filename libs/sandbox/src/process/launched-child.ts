import type { Socket } from 'node:net';

import type { ChildKind } from './launcher-messages.ts';

/** How a child ended: what it said on its standard error, and the signal that ended it. */
export interface ChildEnd {
  complaints: string;
  signal: string | null;
}

/** A child as its parent sees it: a line to it, and how it ended. */
export class LaunchedChild {
  readonly kind: ChildKind;
  /** A socket: the order and the document go in, the answer comes out. Rejects where no child could be started. */
  readonly connected: Promise<Socket>;
  /** Resolves once the child is gone and its answer is whole. */
  readonly ended: Promise<ChildEnd>;
  /** Ends the child at once. */
  readonly kill: () => void;
  pid: number | undefined;
  alive = true;

  private line: Socket | undefined;
  private gone: ChildEnd | undefined;
  private readonly connecting = Promise.withResolvers<Socket>();
  private readonly ending = Promise.withResolvers<ChildEnd>();

  constructor(kind: ChildKind, kill: () => void) {
    this.kind = kind;
    this.kill = kill;
    this.connected = this.connecting.promise;
    this.ended = this.ending.promise;
    // A child that was never asked for anything may fail unheard; whoever asks awaits it.
    this.connected.catch(() => undefined);
    this.ended.catch(() => undefined);
  }

  /** The child's end of the line is its own from here on. */
  connect(line: Socket): void {
    this.line = line;
    line.once('end', () => this.settle());
    line.once('close', () => this.settle());
    this.connecting.resolve(line);
  }

  /** The child is gone; what it answered may still be on its way. */
  end({ complaints, signal }: ChildEnd): void {
    this.alive = false;
    this.gone = { complaints, signal };
    this.settle();
  }

  /** There is no child, or none any more that can be relied on. */
  fail(error: Error): void {
    this.alive = false;
    this.connecting.reject(error);
    this.ending.reject(error);
    this.line?.destroy();
  }

  /** Whether somebody still holds the other end. */
  get holdsLine(): boolean {
    return this.line !== undefined && !isOver(this.line);
  }

  private settle(): void {
    // Its connection may be told of later than its end.
    if (this.gone === undefined || !this.line || !isOver(this.line)) return;
    this.line.destroy();
    this.ending.resolve(this.gone);
  }
}

const isOver = (line: Socket) => line.readableEnded || line.closed;
