import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Readable } from 'node:stream';

import { DocumentError, type DocumentErrorCode } from '../document-error.ts';
import { ContainedCrash, ContainedFailure } from './contained-error.ts';
import { ContainedProcess } from './contained-process.ts';
import type { ChildKind } from './launcher-messages.ts';
import { prlimitCommand } from './prlimit.ts';
import { readablePaths } from './readable-paths.ts';
import { Spawner } from './spawner.ts';

/** The little of a logger that is used here. */
export interface Log {
  warn(line: { event: string } & Record<string, unknown>): void;
}

export interface ContainmentOptions {
  /** Children kept waiting for each kind of document. */
  warm?: number;
  log?: Log;
  /** Where jobs of the caller's own live, beside the library's. */
  jobFolders?: readonly string[];
  /** Null: no kernel bounds, as where prlimit is missing. */
  prlimit?: readonly string[] | null;
}

export type { ChildKind };

export interface ContainedJob {
  kind: ChildKind;
  /** Address of the module whose default export is the job. */
  job: URL;
  args: unknown;
  /** A file to be streamed in, or bytes at hand. */
  document: string | Uint8Array | Readable;
  timeoutMs: number;
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

/** Reads untrusted bytes in children of which each serves one job and ends. */
export class Containment {
  private readonly waiting: Record<ChildKind, ContainedProcess[]> = { pdf: [], image: [] };
  private readonly spawner: Spawner;
  private readonly warm: number;
  private readonly log: Log | undefined;
  private stopped = false;

  constructor(options: ContainmentOptions = {}) {
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
  }

  /**
   * Runs the job over the document.
   * @throws DocumentError where the fault is the document's, also when it killed its reader;
   *   the signal's reason when aborted; the system's error where no child could be started or the file not read
   */
  async run(job: ContainedJob): Promise<{ value: unknown; blobs: Buffer[] }> {
    const { child, document } = await this.childFor(job);
    try {
      return await child.run({
        job: job.job.href,
        args: job.args,
        document,
        timeoutMs: job.timeoutMs,
        ...(job.signal && { signal: job.signal }),
      });
    } catch (error) {
      throw asDocumentError(error, job.job.pathname.split('/').at(-1)!, this.log);
    } finally {
      this.refill(job.kind);
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
  }: ContainedJob): Promise<{ child: ContainedProcess; document: Readable | null }> {
    if (typeof document !== 'string')
      return { child: this.take(kind), document: asStream(document) };
    const { size } = await stat(document);
    return size > streamedFile
      ? { child: new ContainedProcess(this.spawner, kind, resolve(document)), document: null }
      : { child: this.take(kind), document: createReadStream(document) };
  }

  private take(kind: ChildKind): ContainedProcess {
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

  private spawn(kind: ChildKind): ContainedProcess {
    return new ContainedProcess(this.spawner, kind);
  }
}

const asStream = (document: Uint8Array | Readable): Readable =>
  document instanceof Readable ? document : Readable.from([Buffer.from(document)]);

const unreadable = (why: string) =>
  new DocumentError('DOCUMENT_UNREADABLE', `the document cannot be read: ${why}`);

function asDocumentError(error: unknown, job: string, log?: Log): unknown {
  if (error instanceof ContainedCrash) {
    log?.warn({
      event: 'containment.crashed',
      job,
      timedOut: error.timedOut,
      said: error.diagnosis,
    });
    return error.timedOut
      ? new DocumentError('DOCUMENT_TOO_SLOW', 'the document took too long to be read')
      : unreadable('reading it failed');
  }
  if (!(error instanceof ContainedFailure)) return error;
  if (documentErrors.has(error.code)) {
    return new DocumentError(error.code as DocumentErrorCode, error.message);
  }
  // A case that nobody foresaw, and that this document brings about: it ends here, and is there to be looked into.
  log?.warn({ event: 'containment.job-failed', job, code: error.code, said: error.message });
  return unreadable('reading it failed');
}
