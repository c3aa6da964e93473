import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { Readable } from 'node:stream';

import { DocumentError, type DocumentErrorCode } from '../document-error.ts';
import type { ParserKind } from '../launcher/launcher-messages.ts';
import { prlimitCommand } from '../launcher/prlimit.ts';
import { readablePaths } from '../launcher/readable-paths.ts';
import { Spawner } from '../launcher/spawner.ts';
import { documentLimits } from '../limits.ts';
import { SandboxCrashed, SandboxJobFailed, SandboxStalled } from '../sandbox-error.ts';
import { FairQueue } from './fair-queue.ts';
import { type JobResult, SandboxedProcess } from './sandboxed-process.ts';

/** The part of a logger that the sandbox uses. */
export interface Log {
  warn(line: { event: string } & Record<string, unknown>): void;
}

export interface SandboxOptions {
  /** Processes of each kind that are started in advance. */
  warm?: number;
  log?: Log;
  /** Folders with jobs of the caller, in addition to those of this library. */
  jobFolders?: readonly string[];
  /** The command that sets the limits of the kernel; null: no limits, for example on a system without prlimit. */
  prlimit?: readonly string[] | null;
  /** Jobs that run at once; by default as many as there are processors, from 2 to 8. */
  concurrency?: number;
  /** Jobs that may wait (100): one more is refused with SandboxBusy. */
  maximumWaiting?: number;
  /** The queue of another sandbox, where both share its limits. */
  queue?: FairQueue;
}

export type { ParserKind };

export interface SandboxJob {
  kind: ParserKind;
  /** Address of the module whose default export is the job. */
  job: URL;
  args: unknown;
  /** Path of a file, bytes, or a function that opens the document from its start. */
  document: string | Uint8Array | (() => Promise<Readable>);
  /** Processor time that the job may use, in milliseconds. */
  processorMs: number;
  /** Elapsed time after which the job is started again, in milliseconds. */
  wallMs?: number;
  /** The organization of the document: organizations take turns. */
  organizationId?: string | undefined;
  /** Waits also where the queue is full: for jobs that are limited elsewhere. */
  alwaysWaits?: boolean;
  /** Path of a file that receives the blobs of the result, one after the other, instead of memory. It is overwritten. */
  blobsTo?: string;
  /** The largest result, in bytes; by default 512 MiB. A process that sends more is ended. */
  maximumAnswer?: number;
  /** Receives the processor time of the job in milliseconds, whether it succeeded or failed. */
  onSpent?: (ms: number) => void;
  signal?: AbortSignal | undefined;
}

const documentErrors = new Set<string>([
  'UNSUPPORTED_MEDIA_TYPE',
  'DOCUMENT_EMPTY',
  'DOCUMENT_UNREADABLE',
  'DOCUMENT_ENCRYPTED',
  'DOCUMENT_TOO_LARGE_PIXELS',
  'DOCUMENT_TOO_MANY_PAGES',
] satisfies DocumentErrorCode[]);

/** A larger file is opened by a process that is started for it; a smaller one is streamed to a waiting process. */
const maximumStreamed = 256 * 1024;

/** How often a stalled job is started. */
const maximumTries = 3;

const defaultConcurrency = () => Math.min(8, Math.max(2, availableParallelism()));

/** Parses untrusted bytes in sandboxed processes. Each process runs one job and ends. */
export class Sandbox {
  private readonly idle: Record<ParserKind, SandboxedProcess[]> = {
    pdf: [],
    image: [],
    archive: [],
  };
  private readonly spawner: Spawner;
  private readonly warm: number;
  private readonly log: Log | undefined;
  /** Limits the running jobs; idle processes do not count. */
  readonly queue: FairQueue;
  private stopped = false;

  constructor(options: SandboxOptions = {}) {
    const prlimit = options.prlimit === undefined ? prlimitCommand() : options.prlimit;
    if (!prlimit) {
      options.log?.warn({
        event: 'sandbox.unlimited',
        message:
          'prlimit was not found: sandboxed processes are limited by the permission model and the clock, not by the kernel',
      });
    }
    this.log = options.log;
    const sources = [dirname(import.meta.dirname), ...(options.jobFolders ?? [])];
    const readable = readablePaths(sources);
    this.spawner = new Spawner({ prefix: prlimit ?? [], readable, sources });
    this.warm = options.warm ?? 1;
    this.queue =
      options.queue ??
      new FairQueue({
        concurrency: options.concurrency ?? defaultConcurrency(),
        maximumWaiting: options.maximumWaiting ?? 100,
      });
  }

  /**
   * Runs the job on the document, when it is its turn. A stalled job is started again.
   * @throws DocumentError where the document is at fault, also where it ended its process; SandboxBusy, SandboxStalled and
   *   SandboxBroken where it is not; the signal's reason when aborted; the system's error where the file cannot be read
   */
  async run(job: SandboxJob): Promise<JobResult> {
    const { organizationId = '', alwaysWaits = false, signal } = job;
    const release = await this.queue.acquire({ organizationId, alwaysWaits, signal });
    try {
      return await this.runWithRetries(job);
    } catch (error) {
      throw asDocumentError(error, nameOf(job), this.log);
    } finally {
      release();
      this.refill(job.kind);
    }
  }

  private async runWithRetries(job: SandboxJob): Promise<JobResult> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.runOnce(job);
      } catch (error) {
        if (!(error instanceof SandboxStalled)) throw error;
        const { diagnosis } = error;
        this.log?.warn({ event: 'sandbox.stalled', job: nameOf(job), tries, diagnosis });
        if (tries === maximumTries) throw error;
      }
    }
  }

  private async runOnce(job: SandboxJob): Promise<JobResult> {
    const { process, document } = await this.processFor(job);
    try {
      return await process.run({
        job: job.job.href,
        args: job.args,
        document,
        processorMs: job.processorMs,
        wallMs: job.wallMs ?? documentLimits.wallMs,
        ...(job.blobsTo !== undefined && { blobsTo: job.blobsTo }),
        ...(job.maximumAnswer !== undefined && { maximumAnswer: job.maximumAnswer }),
        ...(job.signal && { signal: job.signal }),
      });
    } finally {
      job.onSpent?.(process.spentMs);
    }
  }

  /** Process id of the running launcher. */
  get launcherPid(): number | undefined {
    return this.spawner.pid;
  }

  /** Ends the idle processes. Running jobs continue. */
  stop(): void {
    this.stopped = true;
    for (const processes of Object.values(this.idle)) {
      for (const process of processes.splice(0)) process.kill();
    }
    this.spawner.stop();
  }

  /** A process for the job, and the document as a stream where the process does not open it. */
  private async processFor({
    kind,
    document,
  }: SandboxJob): Promise<{ process: SandboxedProcess; document: Readable | null }> {
    if (typeof document !== 'string') {
      const stream = await openDocument(document);
      return { process: this.nextProcess(kind), document: stream };
    }
    const { size } = await stat(document);
    return size > maximumStreamed
      ? { process: new SandboxedProcess(this.spawner, kind, resolve(document)), document: null }
      : { process: this.nextProcess(kind), document: createReadStream(document) };
  }

  private nextProcess(kind: ParserKind): SandboxedProcess {
    const idle = this.idle[kind];
    for (let process = idle.shift(); process; process = idle.shift()) {
      if (process.alive) return process;
    }
    return this.spawn(kind);
  }

  private refill(kind: ParserKind): void {
    while (!this.stopped && this.idle[kind].length < this.warm) {
      this.idle[kind].push(this.spawn(kind));
    }
  }

  private spawn(kind: ParserKind): SandboxedProcess {
    return new SandboxedProcess(this.spawner, kind);
  }
}

const openDocument = async (document: Uint8Array | (() => Promise<Readable>)): Promise<Readable> =>
  typeof document === 'function' ? document() : Readable.from([Buffer.from(document)]);

const nameOf = ({ job }: SandboxJob): string => job.pathname.split('/').at(-1)!;

const unreadable = (reason: string) =>
  new DocumentError('DOCUMENT_UNREADABLE', `the document cannot be read: ${reason}`);

function asDocumentError(error: unknown, job: string, log?: Log): unknown {
  if (error instanceof SandboxCrashed) {
    log?.warn({
      event: 'sandbox.crashed',
      job,
      tooSlow: error.tooSlow,
      diagnosis: error.diagnosis,
    });
    return error.tooSlow
      ? new DocumentError('DOCUMENT_TOO_SLOW', 'the document took too long to be read')
      : unreadable('reading it failed');
  }
  if (!(error instanceof SandboxJobFailed)) return error;
  if (documentErrors.has(error.code)) {
    return new DocumentError(error.code as DocumentErrorCode, error.message);
  }
  // An unexpected error that this document causes: the log line is for its investigation.
  const { code, message: reason } = error;
  log?.warn({ event: 'sandbox.job-failed', job, code, reason });
  return unreadable('reading it failed');
}
