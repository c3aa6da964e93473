import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { z } from 'zod';

import { frameHeader, readHeader, readyMark } from './frame.ts';

const Answer = z.discriminatedUnion('ok', [
  z.object({ ok: z.literal(true), value: z.unknown(), blobs: z.array(z.int().nonnegative()) }),
  z.object({ ok: z.literal(false), code: z.string(), message: z.string() }),
]);

const largestAnswer = 512 * 1024 * 1024;

/** The child ended without an answer: killed by a bound, by the clock, or by what it read. */
export class ContainedCrash extends Error {
  readonly code = 'CONTAINED_CRASH';
  readonly retriable = false;
  constructor(
    readonly timedOut: boolean,
    readonly diagnosis: string,
  ) {
    super(timedOut ? 'the contained process ran out of time' : 'the contained process ended');
  }
}

/** The child did not get as far as to wait for a document: the installation is at fault, not the document. */
export class ContainmentBroken extends Error {
  readonly code = 'CONTAINMENT_BROKEN';
  readonly retriable = true;
  constructor(diagnosis: string) {
    super(`a contained process did not start: ${diagnosis.trim().slice(-1000)}`);
  }
}

/** The job threw. */
export class ContainedFailure extends Error {
  readonly retriable = false;
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export interface ProcessSettings {
  /** Put in front of the command: kernel bounds. */
  prefix: readonly string[];
  readable: readonly string[];
  /** Native add-ons (sharp) are what lets images be decoded; PDFs need none. */
  addons: boolean;
  preload: readonly string[];
}

export interface Order {
  job: string;
  args: unknown;
  document: Readable;
  timeoutMs: number;
  signal?: AbortSignal;
}

/** One child for one job: no environment, no network code of ours, no file but its own code. */
export class ContainedProcess {
  private readonly child: ChildProcess;
  private readonly ended: Promise<void>;
  private readonly spawned: Promise<void>;
  private readonly answer: Buffer[] = [];
  private answered = 0;
  private complaints = '';

  constructor(settings: ProcessSettings) {
    const flags = [
      '--no-warnings',
      '--permission',
      ...settings.readable.map((path) => `--allow-fs-read=${path}`),
      ...(settings.addons ? ['--allow-addons'] : []),
      '--max-old-space-size=512',
      join(import.meta.dirname, 'child.ts'),
      ...settings.preload,
    ];
    const [command, ...rest] = [...settings.prefix, process.execPath, ...flags];
    this.child = spawn(command!, rest, { env: {}, stdio: ['pipe', 'ignore', 'pipe', 'pipe'] });
    this.spawned = new Promise((resolve, reject) => {
      this.child.once('spawn', resolve);
      this.child.once('error', reject);
    });
    // A child that was never asked for anything may fail unheard; whoever asks awaits it.
    this.spawned.catch(() => undefined);
    this.ended = new Promise((resolve) => this.child.once('close', () => resolve()));
    this.stream(2).on('data', (chunk: Buffer) => {
      this.complaints = (this.complaints + chunk.toString()).slice(-4000);
    });
    this.stream(3).on('data', (chunk: Buffer) => this.keep(chunk));
    this.hold(false);
  }

  /** Whether the child still waits for work. */
  get alive(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /**
   * Gives the child its one job and resolves with what it answers.
   * @throws ContainedFailure (the job threw), ContainedCrash (no answer), ContainmentBroken, the signal's reason, or
   *   the system's error
   */
  async run(order: Order): Promise<{ value: unknown; blobs: Buffer[] }> {
    this.hold(true);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      this.kill();
    }, order.timeoutMs);
    const abort = () => this.kill();
    order.signal?.addEventListener('abort', abort, { once: true });
    if (order.signal?.aborted) this.kill();
    try {
      await this.spawned;
      const stdin = this.child.stdin as Writable;
      stdin.on('error', () => undefined);
      stdin.write(frameHeader({ job: order.job, args: order.args }));
      let broken: NodeJS.ErrnoException | undefined;
      pipeline(order.document, stdin).catch((error: NodeJS.ErrnoException) => {
        broken = error;
      });
      await this.ended;
      order.signal?.throwIfAborted();
      // A child may answer before it was told everything; a source that failed is another matter.
      if (broken && !isBrokenPipe(broken)) throw broken;
      return this.parse(timedOut);
    } finally {
      clearTimeout(timer);
      order.signal?.removeEventListener('abort', abort);
      order.document.destroy();
      this.kill();
    }
  }

  kill(): void {
    if (this.alive) this.child.kill('SIGKILL');
  }

  private parse(timedOut: boolean): { value: unknown; blobs: Buffer[] } {
    const said = Buffer.concat(this.answer);
    if (said[0] !== readyMark[0] && !timedOut) throw new ContainmentBroken(this.complaints);
    const received = said.subarray(readyMark.length);
    let found: ReturnType<typeof readHeader> = null;
    try {
      found = readHeader(received);
    } catch {
      throw new ContainedCrash(timedOut, 'the answer was no JSON');
    }
    const answer = Answer.safeParse(found?.header);
    if (!found || !answer.success) throw new ContainedCrash(timedOut, this.complaints);
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

  private stream(descriptor: 2 | 3): Readable {
    return this.child.stdio[descriptor] as Readable;
  }

  /** A waiting child must not keep its parent from ending. */
  private hold(hold: boolean): void {
    const method = hold ? 'ref' : 'unref';
    this.child[method]();
    for (const stream of this.child.stdio)
      (stream as { [m in typeof method]?: () => void } | null)?.[method]?.();
  }
}

const isBrokenPipe = (error: NodeJS.ErrnoException) =>
  ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'].includes(
    error.code ?? '',
  );
