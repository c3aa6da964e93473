import { createHash } from 'node:crypto';

import { BlobNotFound, type BlobStore } from '@casewire/blobs';
import {
  type BlobReference,
  type DocumentType,
  type StageFacts,
  type StageFailure,
  StageResult,
  type StageRequest,
} from '@casewire/contracts';
import { isReaderUnavailable } from '@casewire/reading';
import { DocumentError } from '@casewire/sandbox';
import { crashPoint } from '@casewire/telemetry';

import { processRunLock, type RunLock } from './run-lock.ts';
import { maximumStarts, type RunStart, RunStarts } from './run-starts.ts';
import { StageFailed, StageUnavailable } from './stage-failure.ts';
import type { StageWork } from './stage-work.ts';
import { steerFailure } from './steering.ts';

/** Publishes a stage result; resolves when it is durable. */
export type PublishResult = (result: StageResult) => Promise<void>;

export interface StageLog {
  info(line: { event: string } & Record<string, unknown>): void;
}

export interface StageRunsOptions {
  blobs: BlobStore;
  publish: PublishResult;
  log: StageLog;
  now?: () => Date;
  /** The lock of all runs in this process; by default `processRunLock`. */
  lock?: RunLock;
}

/** The longest delay of a timer in Node, in milliseconds. */
const longestTimer = 2 ** 31 - 1;

/** When work stops: `signal` aborts when the request is assigned to another process, `deadline` at the deadline. */
interface Limits {
  signal: AbortSignal;
  deadline: AbortSignal;
}

/** The part of a stage result that the work determines. */
type RunConclusion =
  | {
      status: 'completed';
      result: BlobReference;
      documentType: DocumentType | null;
      facts?: StageFacts;
    }
  | { status: 'failed'; failure: StageFailure };

/**
 * Makes one stage result for each run. However often a request is delivered, and by whichever process it is handled, the first
 * stored result is published. A blob is durable before any reference to it.
 *
 * When a process crashes, the recorded start of every run in it remains, whichever run caused the crash. A run with such a start is
 * executed exclusively from then on: if the process crashes again, this run is the cause. So a run that fails with CRASHED was the
 * only run in its process during at least two crashes.
 */
export class StageRuns {
  private readonly now: () => Date;
  private readonly lock: RunLock;
  private readonly starts: RunStarts;
  private readonly running = new Set<Promise<unknown>>();

  constructor(private readonly options: StageRunsOptions) {
    this.now = options.now ?? (() => new Date());
    this.lock = options.lock ?? processRunLock;
    this.starts = new RunStarts(options.blobs);
  }

  /**
   * Handles one delivery of a request.
   * @throws StageUnavailable and other errors that are no stage result: the delivery must be repeated
   */
  async handle(request: StageRequest, signal: AbortSignal, work: StageWork): Promise<void> {
    const began = performance.now();
    try {
      const result = await this.tracked(this.resultOf(request, signal, work));
      crashPoint('stage.result-stored');
      await this.options.publish(result);
      crashPoint('stage.result-published');
      this.report(request, result, performance.now() - began);
    } catch (error) {
      throw isInfrastructure(error) ? new StageUnavailable(error) : error;
    }
  }

  /** Resolves when no run is in progress. An aborted run has withdrawn its start by then, so that it does not count as a crash. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.running);
  }

  private async tracked<T>(run: Promise<T>): Promise<T> {
    this.running.add(run);
    try {
      return await run;
    } finally {
      this.running.delete(run);
    }
  }

  private async resultOf(
    request: StageRequest,
    signal: AbortSignal,
    work: StageWork,
  ): Promise<StageResult> {
    const stored = await this.storedResult(request);
    if (stored) return stored;
    signal.throwIfAborted();
    const limits = { signal, deadline: this.deadlineOf(request) };
    if ((await this.starts.count(request.runId)) === 0) {
      const result = await this.resultUnderLock(request, limits, work, 'shared');
      if (result) return result;
    }
    return (await this.resultUnderLock(request, limits, work, 'exclusive'))!;
  }

  /** Executes the run, shared or exclusively. Null where `shared` was requested and the run must be exclusive. */
  private async resultUnderLock(
    request: StageRequest,
    limits: Limits,
    work: StageWork,
    mode: 'shared' | 'exclusive',
  ): Promise<StageResult | null> {
    const release = await this.lockBefore(limits, mode);
    if (!release) return this.storeResult(request, tooOld, 1);
    try {
      // Another process may have finished it during the wait.
      const stored = await this.storedResult(request);
      if (stored) return stored;
      const start = await this.starts.record(request.runId, this.now());
      if (mode === 'shared' && start?.number !== 1) {
        await start?.remove();
        return null;
      }
      if (!start) return await this.storeResult(request, crashed, maximumStarts);
      return await this.startedResult(request, limits, work, start);
    } finally {
      release();
    }
  }

  /** Null where the deadline passes first. */
  private async lockBefore(
    { signal, deadline }: Limits,
    mode: 'shared' | 'exclusive',
  ): Promise<(() => void) | null> {
    try {
      return await this.lock.acquire(mode, AbortSignal.any([signal, deadline]));
    } catch (error) {
      signal.throwIfAborted();
      if (deadline.aborted) return null;
      throw error;
    }
  }

  private async startedResult(
    request: StageRequest,
    limits: Limits,
    work: StageWork,
    start: RunStart,
  ): Promise<StageResult> {
    crashPoint('stage.started');
    try {
      const end = await this.execute(request, limits, work);
      return await this.storeResult(request, end, start.number);
    } catch (error) {
      // The process still runs: this error was no crash.
      await start.remove();
      throw error;
    }
  }

  private deadlineOf({ deadline }: StageRequest): AbortSignal {
    const left = new Date(deadline).getTime() - this.now().getTime();
    return left <= 0 ? AbortSignal.abort() : AbortSignal.timeout(Math.min(left, longestTimer));
  }

  private async execute(
    request: StageRequest,
    { signal, deadline }: Limits,
    work: StageWork,
  ): Promise<RunConclusion> {
    try {
      steerFailure(request);
      const done = await work(request, {
        signal: AbortSignal.any([signal, deadline]),
        storeImage: async (png) => (await this.store(request, png, 'png')).key,
      });
      signal.throwIfAborted();
      const body = Buffer.from(JSON.stringify(done.result));
      const result = await this.store(request, body, 'json');
      crashPoint('stage.result-stored');
      if (await this.options.blobs.exists(request.document.key)) {
        const { documentType = null, facts } = done;
        return { status: 'completed', result, documentType, ...(facts && { facts }) };
      }
      throw new BlobNotFound(request.document.key);
    } catch (error) {
      signal.throwIfAborted();
      if (deadline.aborted) return failed('DEADLINE_EXCEEDED', 'the work took longer than allowed');
      if (error instanceof StageFailed) return failed(error.code, error.detail);
      if (error instanceof DocumentError) return failed(error.code, error.message);
      if (error instanceof BlobNotFound && error.key === request.document.key) {
        // The document was erased during the work: its results are removed.
        await this.options.blobs.removeAll(resultFolder(request));
        return failed('DOCUMENT_ERASED', 'the document was erased');
      }
      throw error;
    }
  }

  private async store(
    request: StageRequest,
    body: Uint8Array,
    extension: string,
  ): Promise<BlobReference> {
    const sha256 = createHash('sha256').update(body).digest('hex');
    const key = `${resultFolder(request)}/${sha256}.${extension}`;
    await this.options.blobs.put(key, body);
    return { key, sha256, size: body.length };
  }

  private async storedResult(request: StageRequest): Promise<StageResult | null> {
    try {
      const stored = await this.options.blobs.read(resultKey(request));
      return StageResult.parse(JSON.parse(String(stored)));
    } catch (error) {
      if (error instanceof BlobNotFound) return null;
      throw error;
    }
  }

  private async storeResult(
    request: StageRequest,
    end: RunConclusion,
    starts: number,
  ): Promise<StageResult> {
    const { runId, stage, organizationId, caseId, uploadId } = request;
    const result: StageResult = {
      type: 'StageFinished',
      runId,
      stage,
      organizationId,
      caseId,
      uploadId,
      finishedAt: this.now().toISOString(),
      starts,
      ...end,
    };
    const isFirst = await this.options.blobs.putIfAbsent(
      resultKey(request),
      Buffer.from(JSON.stringify(result)),
    );
    return isFirst ? result : (await this.storedResult(request))!;
  }

  private report(request: StageRequest, result: StageResult, durationMs: number): void {
    const { runId, stage, caseId, organizationId, run } = request;
    const code = result.status === 'failed' ? result.failure.code : null;
    const fields = { runId, run, stage, caseId, organizationId, starts: result.starts, code };
    this.options.log.info({
      event: `stage.${result.status}`,
      ...fields,
      durationMs: Math.round(durationMs),
    });
  }
}

/** The key must not be renamed: blobs are stored under it. */
const resultKey = ({ runId }: StageRequest) => `runs/${runId}/outcome`;
const resultFolder = ({ organizationId, runId }: StageRequest) =>
  `results/${organizationId}/${runId}`;
const failed = (code: string, detail: string): RunConclusion => ({
  status: 'failed',
  failure: { code, detail },
});

const tooOld = failed('DEADLINE_EXCEEDED', 'the deadline passed before the work began');
const crashed = failed(
  'CRASHED',
  `the process that read the document crashed ${maximumStarts} times`,
);

/** An error of the system or of the reader's machine: no document is at fault. */
const isInfrastructure = (error: unknown): error is Error =>
  (error instanceof Error && 'syscall' in error) || isReaderUnavailable(error);
