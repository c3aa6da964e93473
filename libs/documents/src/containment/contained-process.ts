import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { z } from 'zod';

import { ContainedCrash, ContainedFailure, ContainmentBroken } from './contained-error.ts';
import { frameHeader, readHeader, readyMark } from './frame.ts';
import type { ChildKind } from './launcher-messages.ts';
import type { Spawner } from './spawner.ts';

const Answer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown(), blobs: z.array(z.int().nonnegative()) }),
  z.object({ ok: z.literal(false), code: z.string(), message: z.string() }),
]);

const largestAnswer = 512 * 1024 * 1024;

export interface Order {
  job: string;
  args: unknown;
  /** What is streamed in; null where the child was started with the document as an open file. */
  document: Readable | null;
  timeoutMs: number;
  signal?: AbortSignal;
}

/** One child for one job: no environment, no network code of ours, no file but its own code and its document. */
export class ContainedProcess {
  private readonly started: ReturnType<Spawner['start']>;
  private readonly answer: Buffer[] = [];
  private answered = 0;

  /** @param file the document, where it is a file that the child is to read by itself */
  constructor(spawner: Spawner, kind: ChildKind, file: string | null = null) {
    this.started = spawner.start(kind, file);
    this.started.child.connected.then(
      (line) => line.on('data', (chunk: Buffer) => this.keep(chunk)).resume(),
      () => undefined,
    );
  }

  /** Whether the child still waits for work. */
  get alive(): boolean {
    return this.started.child.alive;
  }

  /**
   * Gives the child its one job and resolves with what it answers.
   * @throws ContainedFailure (the job threw), ContainedCrash (no answer), ContainmentBroken, the signal's reason, or
   *   the system's error
   */
  async run(order: Order): Promise<{ value: unknown; blobs: Buffer[] }> {
    const { child, launcher } = this.started;
    launcher.hold(true);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      this.kill();
    }, order.timeoutMs);
    const abort = () => this.kill();
    order.signal?.addEventListener('abort', abort, { once: true });
    if (order.signal?.aborted) this.kill();
    try {
      const told = this.tell(order);
      const complaints = await child.ended;
      order.signal?.throwIfAborted();
      const broken = await told;
      // A child may answer before it was told everything; a source that failed is another matter.
      if (broken && !isBrokenPipe(broken)) throw broken;
      return this.parse(timedOut, complaints);
    } catch (error) {
      order.signal?.throwIfAborted();
      throw error;
    } finally {
      clearTimeout(timer);
      order.signal?.removeEventListener('abort', abort);
      order.document?.destroy();
      this.kill();
      launcher.hold(false);
    }
  }

  kill(): void {
    if (this.alive) this.started.child.kill();
  }

  /** Resolves with what went wrong on the way. */
  private async tell({ job, args, document }: Order): Promise<NodeJS.ErrnoException | undefined> {
    let line: Socket;
    try {
      line = await this.started.child.connected;
    } catch {
      // Told by the child's end as well.
      return undefined;
    }
    const header = frameHeader({ job, args, opened: document === null });
    if (!document) {
      line.end(header);
      return undefined;
    }
    line.write(header);
    return pipeline(document, line).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error,
    );
  }

  private parse(timedOut: boolean, complaints: string): { value: unknown; blobs: Buffer[] } {
    const said = Buffer.concat(this.answer);
    if (said[0] !== readyMark[0] && !timedOut) throw new ContainmentBroken(complaints);
    const received = said.subarray(readyMark.length);
    let found: ReturnType<typeof readHeader> = null;
    try {
      found = readHeader(received);
    } catch {
      throw new ContainedCrash(timedOut, 'the answer was no JSON');
    }
    const answer = Answer.safeParse(found?.header);
    if (!found || !answer.success) throw new ContainedCrash(timedOut, complaints);
    if (!answer.data.ok) {
      const { code, message } = answer.data;
      throw code === 'JOB_UNLOADABLE'
        ? new ContainmentBroken(message)
        : new ContainedFailure(code, message);
    }
    const blobs: Buffer[] = [];
    let at = found.bodyAt;
    for (const size of answer.data.blobs) blobs.push(received.subarray(at, (at += size)));
    if (at !== received.length) throw new ContainedCrash(timedOut, 'the answer was cut off');
    return { value: answer.data.value, blobs };
  }

  private keep(chunk: Buffer): void {
    this.answered += chunk.length;
    if (this.answered > largestAnswer) this.kill();
    else this.answer.push(chunk);
  }
}

const isBrokenPipe = (error: NodeJS.ErrnoException) =>
  ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'].includes(
    error.code ?? '',
  );
