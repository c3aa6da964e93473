import { once } from 'node:events';
import type { Socket } from 'node:net';

import type { ConnectionContext } from '../broker/routes.ts';
import { FrameSplitter } from './frame-splitter.ts';

/** Requests of one connection that are worked on at a time; more stay in the socket. */
const MAX_IN_FLIGHT = 64;

export interface ConnectionSettings {
  answer(frame: Buffer, context: ConnectionContext): Promise<Buffer[] | undefined>;
  readonly maxRequestBytes: number;
  readonly logger: { info(o: object): void; error(o: object): void };
}

/** One client: its requests are begun in the order they come, worked on at once, and answered in that order. */
export class Connection {
  /** Resolves when the socket is closed. */
  readonly closed: Promise<void>;
  private readonly frames: FrameSplitter;
  private readonly leaving = new AbortController();
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
    // A reset by the client needs no other handling than the close that follows.
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.accepting = false;
        this.leaving.abort();
        resolve();
      });
    });
  }

  /** Takes no further requests, lets those that wait for something to happen give up, and ends after their answers. */
  async finish(): Promise<void> {
    this.accepting = false;
    this.socket.pause();
    this.leaving.abort();
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
        this.take(frame);
      }
    } catch (error) {
      this.fail(error);
    }
    if (this.accepting && this.isBusy()) this.socket.pause();
  }

  private take(frame: Buffer): void {
    this.inFlight++;
    this.inFlightBytes += frame.length;
    const turn = this.answered;
    const answer = this.settings.answer(frame, {
      clientHost: this.socket.remoteAddress ?? '',
      localAddress: this.socket.localAddress ?? '',
      turn,
      closing: this.leaving.signal,
      disconnect: () => this.destroy(),
    });
    this.answered = this.answerInTurn(turn, answer, frame.length);
  }

  private async answerInTurn(
    turn: Promise<void>,
    answer: Promise<Buffer[] | undefined>,
    frameBytes: number,
  ): Promise<void> {
    try {
      // Both are awaited at once, so that a failure that comes before its turn is not left unhandled.
      const [parts] = await Promise.all([answer, turn]);
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
    let taken = true;
    for (const part of parts) taken = this.socket.write(part);
    this.socket.uncork();
    // A client that does not read gets no further answers into memory.
    if (!taken) await Promise.race([once(this.socket, 'drain'), this.closed]);
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
