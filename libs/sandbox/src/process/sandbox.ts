import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname, resolve } from 'node:path';
import { Readable } from 'node:stream';

import { DocumentError, type DocumentErrorCode } from '../document-error.ts';
import { documentLimits } from '../limits.ts';
import { FairQueue } from './fair-queue.ts';
import type { ChildKind } from './launcher-messages.ts';
import { prlimitCommand } from './prlimit.ts';
import { readablePaths } from './readable-paths.ts';
import { SandboxCrashed, SandboxJobFailed, SandboxStalled } from './sandbox-error.ts';
import { type JobResult, SandboxedProcess } from './sandboxed-process.ts';
import { Spawner } from './spawner.ts';

/** The little of a logger that is used here. */
export interface Log {
  warn(line: { event: string } & Record<string, unknown>): void;
}

export interface SandboxOptions {
  /** Children kept waiting for each kind of document. */
  warm?: number;
  log?: Log;
  /** Where jobs of the caller's own live, beside the library's. */
  jobFolders?: readonly string[];
  /** Null: no kernel bounds, as where prlimit is missing. */
  prlimit?: readonly string[] | null;
  /** Children that do a job at once; by the number of processors, from 2 to 8, where nothing is said. */
  atOnce?: number;
  /** Jobs that may wait for a child (100): one more is refused as ContainmentBusy. */
  queueLength?: number;
  /** The queue of another containment, where both together are to keep its bounds. */
  queue?: FairQueue;
}

export type { ChildKind };

export interface SandboxJob {
  kind: ChildKind;
  /** Address of the module whose default export is the job. */
  job: URL;
  args: unknown;
  /** A file to be streamed in, bytes at hand, or what opens the document from its start. */
  document: string | Uint8Array | (() => Promise<Readable>);
  /** Processor time that the job may use, in milliseconds. */
  processorMs: number;
  /** Time that may pass before the job is begun anew, in milliseconds. */
  wallMs?: number;
  /** Whose document it is: organizations take turns. */
  organizationId?: string | undefined;
  /** Waits also where the queue is full: for those whose jobs are bounded elsewhere. */
  insists?: boolean;
  /** Is given the processor time that the job used, in milliseconds, however it ended. */
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

/** A file that is larger is worth a child that is started for it, and reads it by itself. */
const streamedFile = 256 * 1024;

/** How often a job is begun that the machine does not let come to its end. */
const mostTries = 3;

const likelyAtOnce = () => Math.min(8, Math.max(2, availableParallelism()));

/** Reads untrusted bytes in children of which each serves one job and ends. */
export class Sandbox {
  private readonly waiting: Record<ChildKind, SandboxedProcess[]> = { pdf: [], image: [] };
  private readonly spawner: Spawner;
  private readonly warm: number;
  private readonly log: Log | undefined;
  /** Bounds the children that do a job; those that wait for one are idle, and beside it. */
  readonly queue: FairQueue;
  private stopped = false;

  constructor(options: SandboxOptions = {}) {
    const prlimit = options.prlimit === undefined ? prlimitCommand() : options.prlimit;
    if (!prlimit) {
      options.log?.warn({
        event: 'containment.unbounded',
        message:
          'prlimit was not found: children are held by the permission model and the clock, not by the kernel',
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
        atOnce: options.atOnce ?? likelyAtOnce(),
        longest: options.queueLength ?? 100,
      });
  }

  /**
   * Runs the job over the document, when it is its turn. What the machine does not let come to its end is begun anew.
   * @throws DocumentError where the fault is the document's, also when it killed its reader; ContainmentBusy,
   *   ContainmentStalled and ContainmentBroken where it is not; the signal's reason when aborted; the system's error where
   *   the file cannot be read
   */
  async run(job: SandboxJob): Promise<JobResult> {
    const { organizationId: owner = '', insists = false, signal } = job;
    const leave = await this.queue.enter({ tenant: owner, insists, signal });
    try {
      return await this.finished(job);
    } catch (error) {
      throw asDocumentError(error, nameOf(job), this.log);
    } finally {
      leave();
      this.refill(job.kind);
    }
  }

  private async finished(job: SandboxJob): Promise<JobResult> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.once(job);
      } catch (error) {
        if (!(error instanceof SandboxStalled)) throw error;
        const said = error.diagnosis;
        this.log?.warn({ event: 'containment.stalled', job: nameOf(job), tries, said });
        if (tries === mostTries) throw error;
      }
    }
  }

  private async once(job: SandboxJob): Promise<JobResult> {
    const { child, document } = await this.childFor(job);
    try {
      return await child.run({
        job: job.job.href,
        args: job.args,
        document,
        processorMs: job.processorMs,
        wallMs: job.wallMs ?? documentLimits.wallMs,
        ...(job.signal && { signal: job.signal }),
      });
    } finally {
      job.onSpent?.(child.spentMs);
    }
  }

  /** The launcher that runs, for those who watch processes. */
  get launcherPid(): number | undefined {
    return this.spawner.pid;
  }

  /** Ends the children that wait. Jobs under way go on. */
  stop(): void {
    this.stopped = true;
    for (const children of Object.values(this.waiting)) {
      for (const child of children.splice(0)) child.kill();
    }
    this.spawner.stop();
  }

  /** A child, and what is to be streamed into it. */
  private async childFor({
    kind,
    document,
  }: SandboxJob): Promise<{ child: SandboxedProcess; document: Readable | null }> {
    if (typeof document !== 'string') {
      const stream = await opened(document);
      return { child: this.take(kind), document: stream };
    }
    const { size } = await stat(document);
    return size > streamedFile
      ? { child: new SandboxedProcess(this.spawner, kind, resolve(document)), document: null }
      : { child: this.take(kind), document: createReadStream(document) };
  }

  private take(kind: ChildKind): SandboxedProcess {
    for (let child = this.waiting[kind].shift(); child; child = this.waiting[kind].shift()) {
      if (child.alive) return child;
    }
    return this.spawn(kind);
  }

  private refill(kind: ChildKind): void {
    while (!this.stopped && this.waiting[kind].length < this.warm) {
      this.waiting[kind].push(this.spawn(kind));
    }
  }

  private spawn(kind: ChildKind): SandboxedProcess {
    return new SandboxedProcess(this.spawner, kind);
  }
}

const opened = async (document: Uint8Array | (() => Promise<Readable>)): Promise<Readable> =>
  typeof document === 'function' ? document() : Readable.from([Buffer.from(document)]);

const nameOf = ({ job }: SandboxJob): string => job.pathname.split('/').at(-1)!;

const unreadable = (why: string) =>
  new DocumentError('DOCUMENT_UNREADABLE', `the document cannot be read: ${why}`);

function asDocumentError(error: unknown, job: string, log?: Log): unknown {
  if (error instanceof SandboxCrashed) {
    log?.warn({
      event: 'containment.crashed',
      job,
      tooSlow: error.tooSlow,
      said: error.diagnosis,
    });
    return error.tooSlow
      ? new DocumentError('DOCUMENT_TOO_SLOW', 'the document took too long to be read')
      : unreadable('reading it failed');
  }
  if (!(error instanceof SandboxJobFailed)) return error;
  if (documentErrors.has(error.code)) {
    return new DocumentError(error.code as DocumentErrorCode, error.message);
  }
  // A case that nobody foresaw, and that this document brings about: it ends here, and is there to be looked into.
  log?.warn({ event: 'containment.job-failed', job, code: error.code, said: error.message });
  return unreadable('reading it failed');
}
