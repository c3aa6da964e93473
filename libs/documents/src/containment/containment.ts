import { createReadStream } from 'node:fs';
import { dirname } from 'node:path';
import { Readable } from 'node:stream';

import { DocumentError, type DocumentErrorCode } from '../document-error.ts';
import { ContainedCrash, ContainedFailure, ContainedProcess } from './contained-process.ts';
import { prlimitCommand } from './prlimit.ts';
import { readablePaths } from './readable-paths.ts';

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

/** pdf: no native code. image: with sharp. */
export type ChildKind = 'pdf' | 'image';

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

const preloads: Record<ChildKind, string[]> = {
  pdf: [new URL('../pdf/pdfium.ts', import.meta.url).href],
  image: [new URL('../image/decoder.ts', import.meta.url).href],
};

/** Reads untrusted bytes in children of which each serves one job and ends. */
export class Containment {
  private readonly waiting: Record<ChildKind, ContainedProcess[]> = { pdf: [], image: [] };
  private readonly prefix: readonly string[];
  private readonly readable: string[];
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
    this.prefix = prlimit ?? [];
    const own = dirname(import.meta.dirname);
    this.readable = readablePaths([own, ...(options.jobFolders ?? [])]);
    this.warm = options.warm ?? 1;
  }

  /**
   * Runs the job over the document.
   * @throws DocumentError where the fault is the document's, also when it killed its reader;
   *   the signal's reason when aborted; the system's error where no child could be started or the file not read
   */
  async run(job: ContainedJob): Promise<{ value: unknown; blobs: Buffer[] }> {
    const child = this.take(job.kind);
    try {
      return await child.run({
        job: job.job.href,
        args: job.args,
        document: asStream(job.document),
        timeoutMs: job.timeoutMs,
        ...(job.signal && { signal: job.signal }),
      });
    } catch (error) {
      throw asDocumentError(error, job.job.pathname.split('/').at(-1)!, this.log);
    } finally {
      this.refill(job.kind);
    }
  }

  /** Ends the children that wait. Jobs under way go on. */
  stop(): void {
    this.stopped = true;
    for (const children of Object.values(this.waiting)) {
      for (const child of children.splice(0)) child.kill();
    }
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
    return new ContainedProcess({
      prefix: this.prefix,
      readable: this.readable,
      addons: kind === 'image',
      preload: preloads[kind],
    });
  }
}

const asStream = (document: ContainedJob['document']): Readable => {
  if (typeof document === 'string') return createReadStream(document);
  return document instanceof Readable ? document : Readable.from([Buffer.from(document)]);
};

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
