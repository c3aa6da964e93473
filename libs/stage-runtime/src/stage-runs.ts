import { createHash } from 'node:crypto';

import { BlobNotFound, type BlobStore } from '@casewire/blobs';
import {
  type BlobReference,
  type DocumentType,
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

/** Where the outcome goes; resolves once it is durable there. */
export type PublishResult = (outcome: StageResult) => Promise<void>;

export interface StageLog {
  info(line: { event: string } & Record<string, unknown>): void;
}

export interface StageRunsOptions {
  blobs: BlobStore;
  publish: PublishResult;
  log: StageLog;
  now?: () => Date;
  /** Shared by everything that works on runs in this process, which is the default. */
  lock?: RunLock;
}

/** What a stage's work gets beside its request. */
export interface StageContext {
  /** Aborts when the request is no longer this process's, and at its deadline. */
  signal: AbortSignal;
  /** Stores an image of the result and returns its key. */
  storeImage: (png: Uint8Array) => Promise<string>;
}

export interface StageWorkDone {
  /** What is stored as JSON. */
  result: object;
  /** Set by classification only. */
  documentType?: DocumentType;
}

export type StageWork = (request: StageRequest, context: StageContext) => Promise<StageWorkDone>;

const longestTimer = 2 ** 31 - 1;

/** When a delivery is to stop: `signal` says that it is another process's now, `deadline` that its time is over. */
interface Limits {
  signal: AbortSignal;
  deadline: AbortSignal;
}

type Ending =
  | { status: 'completed'; result: BlobReference; documentType: DocumentType | null }
  | { status: 'failed'; failure: StageFailure };

/**
 * Turns requests into outcomes, each run into one: whatever is redelivered, by whichever process, the first stored outcome
 * is what is published. Blobs are durable before what refers to them.
 *
 * A process that dies leaves a start of every run that was under way, whichever of them ended it. So a run that has such a
 * start is worked on alone from then on: its further starts say something of this run only, and a run that is failed as
 * crashed has ended its process at least twice while no other was under way in it.
 */
export class StageRuns {
  private readonly now: () => Date;
  private readonly lock: RunLock;
  private readonly starts: RunStarts;
  private readonly underWay = new Set<Promise<unknown>>();

  constructor(private readonly options: StageRunsOptions) {
    this.now = options.now ?? (() => new Date());
    this.lock = options.lock ?? processRunLock;
    this.starts = new RunStarts(options.blobs);
  }

  /**
   * Handles one delivery of a request.
   * @throws StageUnavailable, or whatever else is no outcome: the delivery is to be repeated
   */
  async handle(request: StageRequest, signal: AbortSignal, work: StageWork): Promise<void> {
    const began = performance.now();
    try {
      const outcome = await this.tracked(this.outcomeOf(request, signal, work));
      crashPoint('stage.outcome-stored');
      await this.options.publish(outcome);
      crashPoint('stage.outcome-published');
      this.report(request, outcome, performance.now() - began);
    } catch (error) {
      throw isInfrastructure(error) ? new StageUnavailable(error) : error;
    }
  }

  /** Resolves when no run is under way: an aborted one has withdrawn its start by then, so that it counts as no crash. */
  async settled(): Promise<void> {
    await Promise.allSettled(this.underWay);
  }

  private async tracked<T>(run: Promise<T>): Promise<T> {
    this.underWay.add(run);
    try {
      return await run;
    } finally {
      this.underWay.delete(run);
    }
  }

  private async outcomeOf(
    request: StageRequest,
    signal: AbortSignal,
    work: StageWork,
  ): Promise<StageResult> {
    const stored = await this.storedOutcome(request);
    if (stored) return stored;
    signal.throwIfAborted();
    const limits = { signal, deadline: this.deadlineOf(request) };
    if ((await this.starts.count(request.runId)) === 0) {
      const outcome = await this.lockedOutcome(request, limits, work, 'shared');
      if (outcome) return outcome;
    }
    return (await this.lockedOutcome(request, limits, work, 'exclusive'))!;
  }

  /** Works on the run beside others or alone. Null where it is to be worked on alone, and was not. */
  private async lockedOutcome(
    request: StageRequest,
    limits: Limits,
    work: StageWork,
    mode: 'shared' | 'exclusive',
  ): Promise<StageResult | null> {
    const release = await this.lockBefore(limits, mode);
    if (!release) return this.storeOutcome(request, tooOld, 1);
    try {
      // Another process may have finished it meanwhile.
      const stored = await this.storedOutcome(request);
      if (stored) return stored;
      const start = await this.starts.take(request.runId, this.now());
      if (mode === 'shared' && start?.number !== 1) {
        await start?.withdraw();
        return null;
      }
      if (!start) return await this.storeOutcome(request, crashed, maximumStarts);
      return await this.startedOutcome(request, limits, work, start);
    } finally {
      release();
    }
  }

  /** Null where the deadline passes first: who waits for others does not wait for longer than anybody waits for it. */
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

  private async startedOutcome(
    request: StageRequest,
    limits: Limits,
    work: StageWork,
    start: RunStart,
  ): Promise<StageResult> {
    crashPoint('stage.started');
    try {
      const ending = await this.end(request, limits, work);
      return await this.storeOutcome(request, ending, start.number);
    } catch (error) {
      // This process lives to tell: what stopped it is no crash, and shall not count as one.
      await start.withdraw();
      throw error;
    }
  }

  private deadlineOf({ deadline }: StageRequest): AbortSignal {
    const left = new Date(deadline).getTime() - this.now().getTime();
    return left <= 0 ? AbortSignal.abort() : AbortSignal.timeout(Math.min(left, longestTimer));
  }

  private async end(
    request: StageRequest,
    { signal, deadline }: Limits,
    work: StageWork,
  ): Promise<Ending> {
    try {
      const done = await work(request, {
        signal: AbortSignal.any([signal, deadline]),
        storeImage: async (png) => (await this.store(request, png, 'png')).key,
      });
      signal.throwIfAborted();
      const body = Buffer.from(JSON.stringify(done.result));
      const result = await this.store(request, body, 'json');
      crashPoint('stage.result-stored');
      if (await this.options.blobs.exists(request.document.key)) {
        return { status: 'completed', result, documentType: done.documentType ?? null };
      }
      throw new BlobNotFound(request.document.key);
    } catch (error) {
      signal.throwIfAborted();
      if (deadline.aborted) return failed('DEADLINE_EXCEEDED', 'the work took longer than allowed');
      if (error instanceof StageFailed) return failed(error.code, error.detail);
      if (error instanceof DocumentError) return failed(error.code, error.message);
      if (error instanceof BlobNotFound && error.key === request.document.key) {
        // Erased while it was worked on: nothing of it may stay.
        await this.options.blobs.removeAll(resultFolder(request));
        return failed('DOCUMENT_ERASED', 'the document was erased');
      }
      throw error;
    }
  }

  private async store(
    request: StageRequest,
    body: Uint8Array,
    ending: string,
  ): Promise<BlobReference> {
    const sha256 = createHash('sha256').update(body).digest('hex');
    const key = `${resultFolder(request)}/${sha256}.${ending}`;
    await this.options.blobs.put(key, body);
    return { key, sha256, size: body.length };
  }

  private async storedOutcome(request: StageRequest): Promise<StageResult | null> {
    try {
      const stored = await this.options.blobs.read(outcomeKey(request));
      return StageResult.parse(JSON.parse(String(stored)));
    } catch (error) {
      if (error instanceof BlobNotFound) return null;
      throw error;
    }
  }

  private async storeOutcome(
    request: StageRequest,
    ending: Ending,
    starts: number,
  ): Promise<StageResult> {
    const { runId, stage, organizationId, caseId, uploadId } = request;
    const outcome: StageResult = {
      type: 'StageFinished',
      runId,
      stage,
      organizationId,
      caseId,
      uploadId,
      finishedAt: this.now().toISOString(),
      starts,
      ...ending,
    };
    const mine = await this.options.blobs.putIfAbsent(
      outcomeKey(request),
      Buffer.from(JSON.stringify(outcome)),
    );
    return mine ? outcome : (await this.storedOutcome(request))!;
  }

  private report(request: StageRequest, outcome: StageResult, durationMs: number): void {
    const { runId, stage, caseId, organizationId, run } = request;
    const code = outcome.status === 'failed' ? outcome.failure.code : null;
    const fields = { runId, run, stage, caseId, organizationId, starts: outcome.starts, code };
    this.options.log.info({
      event: `stage.${outcome.status}`,
      ...fields,
      durationMs: Math.round(durationMs),
    });
  }
}

const outcomeKey = ({ runId }: StageRequest) => `runs/${runId}/outcome`;
const resultFolder = ({ organizationId, runId }: StageRequest) =>
  `results/${organizationId}/${runId}`;
const failed = (code: string, detail: string): Ending => ({
  status: 'failed',
  failure: { code, detail },
});

const tooOld = failed('DEADLINE_EXCEEDED', 'the request was too old to be worked on');
const crashed = failed('CRASHED', `the document ended its reader ${maximumStarts} times`);

/** The system refused something, or the machine could not read: no document is at fault. */
const isInfrastructure = (error: unknown): error is Error =>
  (error instanceof Error && 'syscall' in error) || isReaderUnavailable(error);
