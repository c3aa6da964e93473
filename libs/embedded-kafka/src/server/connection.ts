import { once } from 'node:events';
import type { Socket } from 'node:net';

import type { ConnectionContext } from '../broker/routes.ts';
import { FrameSplitter } from './frame-splitter.ts';

/** Requests of one connection that are handled at a time; more stay in the socket. */
const MAX_IN_FLIGHT = 64;

export interface ConnectionSettings {
  answer(frame: Buffer, context: ConnectionContext): Promise<Buffer[] | undefined>;
  readonly maxRequestBytes: number;
  readonly logger: { info(o: object): void; error(o: object): void };
}

/** The connection of one client. Its requests are started in order, handled concurrently, and answered in order. */
export class Connection {
  /** Resolves when the socket is closed. */
  readonly closed: Promise<void>;
  private readonly frames: FrameSplitter;
  private readonly closing = new AbortController();
  private answered: Promise<void> = Promise.resolve();
  private inFlight = 0;
  private inFlightBytes = 0;
  private accepting = true;

  constructor(
    private readonly socket: Socket,
    private readonly settings: ConnectionSettings,
  ) {
    this.frames = new FrameSplitter(settings.maxRequestBytes);
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => {
      this.frames.push(chunk);
      this.begin();
    });
    // A reset by the client is handled by the close event that follows.
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.accepting = false;
        this.closing.abort();
        resolve();
      });
    });
  }

  /** Accepts no more requests, ends the waits of the pending ones, and closes after their responses. */
  async finish(): Promise<void> {
    this.accepting = false;
    this.socket.pause();
    this.closing.abort();
    await this.answered;
    this.socket.destroySoon();
    await this.closed;
  }

  destroy(): void {
    this.socket.destroy();
  }

  private begin(): void {
    try {
      while (this.accepting && !this.isBusy()) {
        const frame = this.frames.next();
        if (!frame) break;
        this.handle(frame);
      }
    } catch (error) {
      this.fail(error);
    }
    if (this.accepting && this.isBusy()) this.socket.pause();
  }

  private handle(frame: Buffer): void {
    this.inFlight++;
    this.inFlightBytes += frame.length;
    const turn = this.answered;
    const response = this.settings.answer(frame, {
      clientHost: this.socket.remoteAddress ?? '',
      localAddress: this.socket.localAddress ?? '',
      turn,
      closing: this.closing.signal,
      disconnect: () => this.destroy(),
    });
    this.answered = this.answerInTurn(turn, response, frame.length);
  }

  private async answerInTurn(
    turn: Promise<void>,
    response: Promise<Buffer[] | undefined>,
    frameBytes: number,
  ): Promise<void> {
    try {
      // Both are awaited together, so that an early failure does not become an unhandled rejection.
      const [parts] = await Promise.all([response, turn]);
      if (parts) await this.send(parts);
    } catch (error) {
      this.fail(error);
    }
    this.inFlight--;
    this.inFlightBytes -= frameBytes;
    if (!this.accepting) return;
    this.socket.resume();
    this.begin();
  }

  private async send(parts: Buffer[]): Promise<void> {
    if (this.socket.destroyed) return;
    this.socket.cork();
    let isAccepted = true;
    for (const part of parts) isAccepted = this.socket.write(part);
    this.socket.uncork();
    // No more responses are kept in memory for a client that does not read.
    if (!isAccepted) await Promise.race([once(this.socket, 'drain'), this.closed]);
  }

  private isBusy(): boolean {
    return this.inFlight >= MAX_IN_FLIGHT || this.inFlightBytes >= this.settings.maxRequestBytes;
  }

  private fail(error: unknown): void {
    if (!this.accepting && this.socket.destroyed) return;
    this.accepting = false;
    this.settings.logger.error({
      event: 'embedded-kafka.connection-failed',
      client: this.socket.remoteAddress,
      reason: error instanceof Error ? error.message : String(error),
    });
    this.destroy();
  }
}
