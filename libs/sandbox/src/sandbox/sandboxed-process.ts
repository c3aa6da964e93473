import type { Socket } from 'node:net';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import { z } from 'zod';

import type { ProcessEnd } from '../launcher/launched-process.ts';
import type { ParserKind } from '../launcher/launcher-messages.ts';
import type { Spawner } from '../launcher/spawner.ts';
import {
  SandboxBroken,
  SandboxCrashed,
  SandboxJobFailed,
  SandboxStalled,
} from '../sandbox-error.ts';
import { processStatus } from '../temporary/process-status.ts';
import { Answer, type CompleteAnswer } from './answer.ts';
import { frameHeader } from './frame.ts';
import { LimitWatch } from './limit-watch.ts';

const AnswerHeader = z.discriminatedUnion('ok', [
  z.object({
    ok: z.literal(true),
    value: z.unknown(),
    blobs: z.array(z.int().nonnegative()),
    /** Processor time as the process measures it: more exact than a measurement from outside. */
    processorMs: z.number().nonnegative(),
  }),
  z.object({ ok: z.literal(false), code: z.string(), message: z.string() }),
]);

export interface JobRequest {
  job: string;
  args: unknown;
  /** The document as a stream; null where the process was started with the document as an open file. */
  document: Readable | null;
  /** Processor time that the process may use for the job, in milliseconds. */
  processorMs: number;
  /** Elapsed time that is allowed, in milliseconds. */
  wallMs: number;
  /** Path of a file for the blobs; by default they are returned in memory. */
  blobsTo?: string;
  /** The largest answer, in bytes. */
  maximumAnswer?: number;
  signal?: AbortSignal;
}

export interface JobResult {
  value: unknown;
  /** Empty where they were written to a file. */
  blobs: Buffer[];
  /** In bytes, in their order. */
  blobSizes: number[];
}

/** Why this process ended the sandboxed one. */
type KillReason = 'processor' | 'wall' | 'answer' | null;

/**
 * A process for one job: without environment variables, and without files except installed packages, its code and its
 * document. It cannot start processes. It can reach the network: Node's permission model does not prevent that.
 */
export class SandboxedProcess {
  private readonly launch: ReturnType<Spawner['start']>;
  private readonly answer = new Answer(() => this.killFor('answer'));
  private killReason: KillReason = null;
  private spent = 0;
  private startedAt: string | undefined;

  /** @param file path of the document, where it is a file that the process reads itself */
  constructor(spawner: Spawner, kind: ParserKind, file: string | null = null) {
    this.launch = spawner.start(kind, file);
    this.launch.started.connected.then(
      (socket) => socket.on('data', (chunk: Buffer) => this.answer.collect(chunk, socket)).resume(),
      () => undefined,
    );
  }

  /** Whether the process can still take a job. */
  get alive(): boolean {
    return this.launch.started.alive;
  }

  /** Measured processor time of the job, in milliseconds. */
  get spentMs(): number {
    return this.spent;
  }

  /**
   * Runs the one job of the process and resolves with its result.
   * @throws SandboxJobFailed (the job threw), SandboxCrashed (no result), SandboxStalled, SandboxBroken, the signal's reason,
   *   or the system's error
   */
  async run(request: JobRequest): Promise<JobResult> {
    const { started, launcher } = this.launch;
    launcher.keepParentAlive(true);
    this.answer.expect(request);
    const watch = new LimitWatch({
      processor: async () => this.processorMs(),
      processorMs: request.processorMs,
      wallMs: request.wallMs,
      exceeded: (limit) => this.killFor(limit),
    });
    const abort = () => this.kill();
    request.signal?.addEventListener('abort', abort, { once: true });
    if (request.signal?.aborted) this.kill();
    try {
      const sending = this.send(request);
      const end = await started.ended;
      request.signal?.throwIfAborted();
      const sendError = await sending;
      // A process may answer before it has received everything; then only the connection is broken.
      if (sendError && !isBrokenPipe(sendError)) throw sendError;
      return await this.parse(end, request);
    } catch (error) {
      request.signal?.throwIfAborted();
      throw error;
    } finally {
      watch.end();
      this.spent = Math.max(this.spent, watch.spentMs);
      request.signal?.removeEventListener('abort', abort);
      request.document?.destroy();
      this.kill();
      await this.answer.close();
      launcher.keepParentAlive(false);
    }
  }

  kill(): void {
    if (this.alive) this.launch.started.kill();
  }

  /** Sends the request and the document; resolves with the error of the transfer, where there is one. */
  private async send({
    job,
    args,
    document,
  }: JobRequest): Promise<NodeJS.ErrnoException | undefined> {
    let socket: Socket;
    try {
      socket = await this.launch.started.connected;
    } catch {
      // `ended` rejects with the same error.
      return undefined;
    }
    const header = frameHeader({ job, args, opened: document === null });
    if (!document) {
      socket.end(header);
      return undefined;
    }
    socket.write(header);
    return pipeline(document, socket).then(
      () => undefined,
      (error: NodeJS.ErrnoException) => error,
    );
  }

  private async parse(end: ProcessEnd, { blobsTo }: JobRequest): Promise<JobResult> {
    if (!this.answer.beginsWell) {
      throw this.killReason === 'wall' ? timedOut() : new SandboxBroken(end.stderr);
    }
    let found: CompleteAnswer | null;
    try {
      found = await this.answer.complete();
    } catch (error) {
      throw error instanceof SyntaxError ? this.crash(end, 'the answer was no JSON') : error;
    }
    const answer = AnswerHeader.safeParse(found?.header);
    if (!found || !answer.success) throw this.crash(end, end.stderr);
    if (!answer.data.ok) {
      const { code, message } = answer.data;
      throw code === 'JOB_UNLOADABLE'
        ? new SandboxBroken(message)
        : new SandboxJobFailed(code, message);
    }
    const { value, processorMs, blobs: blobSizes } = answer.data;
    const blobs: Buffer[] = [];
    let at = 0;
    for (const size of blobSizes) blobs.push(found.body.subarray(at, (at += size)));
    if (at !== found.bodySize) throw this.crash(end, 'the answer was cut off');
    this.spent = processorMs;
    return { value, blobs: blobsTo === undefined ? blobs : [], blobSizes };
  }

  /** A process that was killed from outside, for example by the kernel where memory runs out, says nothing about its document. */
  private crash({ signal }: ProcessEnd, diagnosis: string): Error {
    if (this.killReason === 'wall') return timedOut();
    return this.killReason === null && signal === 'SIGKILL'
      ? new SandboxStalled('it was killed')
      : new SandboxCrashed(this.killReason === 'processor', diagnosis);
  }

  /** Null until the process is ready: the processor time of its start is not the document's. */
  private processorMs(): number | null {
    const { pid } = this.launch.started;
    const status = this.answer.isReady && pid !== undefined ? processStatus(pid) : null;
    this.startedAt ??= status?.startedAt;
    return status && status.startedAt === this.startedAt ? status.processorMs : null;
  }

  private killFor(reason: KillReason): void {
    this.killReason ??= reason;
    this.kill();
  }
}

const timedOut = () => new SandboxStalled('its time ran out');

const isBrokenPipe = (error: NodeJS.ErrnoException) =>
  ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE', 'ERR_STREAM_DESTROYED'].includes(
    error.code ?? '',
  );
