import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { z } from 'zod';

import { LimitWatch } from '../limit-watch.ts';
import { processStatus } from '../temporary/process-status.ts';
import { frameHeader, readHeader, readyMark } from './frame.ts';
import type { ChildEnd } from './launched-child.ts';
import type { ChildKind } from './launcher-messages.ts';
import {
  SandboxCrashed,
  SandboxJobFailed,
  SandboxBroken,
  SandboxStalled,
} from './sandbox-error.ts';
import type { Spawner } from './spawner.ts';

const Answer = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    value: z.unknown(),
    blobs: z.array(z.int().nonnegative()),
    /** Processor time, as the child itself counts it: closer than what is seen from outside. */
    processorMs: z.number().nonnegative(),
  }),
  z.object({ ok: z.literal(false), code: z.string(), message: z.string() }),
]);

const largestAnswer = 512 * 1024 * 1024;

export interface Order {
  job: string;
  args: unknown;
  /** What is streamed in; null where the child was started with the document as an open file. */
  document: Readable | null;
  /** Processor time that the child may use for it, in milliseconds. */
  processorMs: number;
  /** Time that may pass, in milliseconds. */
  wallMs: number;
  signal?: AbortSignal;
}

export interface JobResult {
  value: unknown;
  blobs: Buffer[];
}

/** Why this process ended the child. */
type Ended = 'processor' | 'wall' | 'answer' | null;

/** One child for one job: no environment, no network code of ours, no file but its own code and its document. */
export class SandboxedProcess {
  private readonly started: ReturnType<Spawner['start']>;
  private readonly answer: Buffer[] = [];
  private answered = 0;
  private because: Ended = null;
  private spent = 0;
  private startedAt: string | undefined;

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

  /** Processor time that the child was seen to use for its job, in milliseconds. */
  get spentMs(): number {
    return this.spent;
  }

  /**
   * Gives the child its one job and resolves with what it answers.
   * @throws ContainedFailure (the job threw), ContainedCrash (no answer), ContainmentStalled, ContainmentBroken, the
   *   signal's reason, or the system's error
   */
  async run(order: Order): Promise<JobResult> {
    const { child, launcher } = this.started;
    launcher.hold(true);
    const watch = new LimitWatch({
      processor: async () => this.processorMs(),
      processorMs: order.processorMs,
      wallMs: order.wallMs,
      exceeded: (limit) => this.endFor(limit),
    });
    const abort = () => this.kill();
    order.signal?.addEventListener('abort', abort, { once: true });
    if (order.signal?.aborted) this.kill();
    try {
      const told = this.tell(order);
      const end = await child.ended;
      order.signal?.throwIfAborted();
      const broken = await told;
      // A child may answer before it was told everything; a source that failed is another matter.
      if (broken && !isBrokenPipe(broken)) throw broken;
      return this.parse(end);
    } catch (error) {
      order.signal?.throwIfAborted();
      throw error;
    } finally {
      watch.end();
      this.spent = Math.max(this.spent, watch.spentMs);
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

  private parse(end: ChildEnd): JobResult {
    const said = Buffer.concat(this.answer);
    if (said[0] !== readyMark[0]) {
      throw this.because === 'wall' ? overdue() : new SandboxBroken(end.complaints);
    }
    const received = said.subarray(readyMark.length);
    let found: ReturnType<typeof readHeader> = null;
    try {
      found = readHeader(received);
    } catch {
      throw this.crash(end, 'the answer was no JSON');
    }
    const answer = Answer.safeParse(found?.header);
    if (!found || !answer.success) throw this.crash(end, end.complaints);
    if (!answer.data.ok) {
      const { code, message } = answer.data;
      throw code === 'JOB_UNLOADABLE'
        ? new SandboxBroken(message)
        : new SandboxJobFailed(code, message);
    }
    const { value, processorMs } = answer.data;
    const blobs: Buffer[] = [];
    let at = found.bodyAt;
    for (const size of answer.data.blobs) blobs.push(received.subarray(at, (at += size)));
    if (at !== received.length) throw this.crash(end, 'the answer was cut off');
    this.spent = processorMs;
    return { value, blobs };
  }

  /** A child that somebody else killed, as the kernel does where memory runs out, says nothing about its document. */
  private crash({ signal }: ChildEnd, diagnosis: string): Error {
    if (this.because === 'wall') return overdue();
    return this.because === null && signal === 'SIGKILL'
      ? new SandboxStalled('it was killed')
      : new SandboxCrashed(this.because === 'processor', diagnosis);
  }

  /** What it takes to start is not the document's: the account begins with the child that is ready. */
  private processorMs(): number | null {
    const { pid } = this.started.child;
    const status = this.answered > 0 && pid !== undefined ? processStatus(pid) : null;
    this.startedAt ??= status?.startedAt;
    return status && status.startedAt === this.startedAt ? status.processorMs : null;
  }

  private endFor(because: Ended): void {
    this.because ??= because;
    this.kill();
  }

  private keep(chunk: Buffer): void {
    this.answered += chunk.length;
    if (this.answered > largestAnswer) this.endFor('answer');
    else this.answer.push(chunk);
  }
}

const overdue = () => new SandboxStalled('its time ran out');

const isBrokenPipe = (error: NodeJS.ErrnoException) =>
  ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'].includes(
    error.code ?? '',
  );
