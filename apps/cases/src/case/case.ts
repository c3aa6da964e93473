import {
  uuidV5,
  type CaseResult,
  type Environment,
  type Feature,
  type Stage,
  type StageFailure,
  type StageResult,
} from '@casewire/contracts';
import type { Decider } from '@casewire/event-sourcing';

import type { CaseDomainEvent, DomainEventOf, StoredDocument } from './case-domain-event.ts';
import {
  evolve,
  initialState,
  requestedStages,
  type CaseState,
  type Run,
  type Upload,
} from './case-state.ts';

export interface SubmitUploads {
  type: 'SubmitUploads';
  organizationId: string;
  environment: Environment;
  uploads: {
    uploadId: string;
    document: StoredDocument;
    classify: boolean;
    features: Feature[];
    targetLanguage: string;
  }[];
  now: Date;
  /** How long a stage may take, including the time in its queue, in milliseconds. */
  stageTimeoutMs: number;
}

export interface RecordStageResult {
  type: 'RecordStageResult';
  result: StageResult;
  now: Date;
  stageTimeoutMs: number;
}

/** Fails a run that will have no result: its deadline passed, or its stage could not parse the request. */
export interface FailRun {
  type: 'FailRun';
  runId: string;
  failure: StageFailure;
  now: Date;
  stageTimeoutMs: number;
}

export interface DeleteCase {
  type: 'DeleteCase';
  now: Date;
}

export type CaseCommand = SubmitUploads | RecordStageResult | FailRun | DeleteCase;

export class CaseAlreadyDeleted extends Error {
  readonly code = 'CASE_DELETED';
  readonly retriable = false;
  constructor() {
    super('the case was deleted: it accepts no more uploads');
  }
}

/** A stage result for a run that this case never requested. */
export class UnknownRun extends Error {
  readonly code = 'RUN_UNKNOWN';
  readonly retriable = false;
  constructor(readonly runId: string) {
    super(`the case has no run ${runId}`);
  }
}

/** The id of a stage's run for an upload: the same arguments always give the same id. */
export const runIdOf = (uploadId: string, stage: Stage, run: number): string =>
  uuidV5('run', uploadId, stage, `${run}`);

/**
 * The case aggregate. A decision contains the domain events and the stage requests that follow from them. They are appended
 * together, so that no deletion can come between an event and its reaction.
 */
export const caseDecider: Decider<CaseCommand, CaseState, CaseDomainEvent> = {
  decide,
  evolve,
  initialState,
};

export function decide(command: CaseCommand, state: CaseState): CaseDomainEvent[] {
  switch (command.type) {
    case 'SubmitUploads':
      return submit(command, state);
    case 'RecordStageResult':
      return recordResult(command, state);
    case 'FailRun':
      return failRun(command, state);
    case 'DeleteCase':
      return state.status === 'deleted' || state.status === 'new'
        ? []
        : [{ type: 'CaseDeleted', deletedAt: command.now.toISOString() }];
  }
}

function submit(command: SubmitUploads, state: CaseState): CaseDomainEvent[] {
  if (state.status === 'deleted') throw new CaseAlreadyDeleted();
  const at = command.now.toISOString();
  const events: CaseDomainEvent[] = [];
  if (state.status === 'new') {
    events.push({
      type: 'CaseSubmitted',
      organizationId: command.organizationId,
      environment: command.environment,
      submittedAt: at,
      uploadIds: command.uploads.map(({ uploadId }) => uploadId),
      stages: [...new Set(command.uploads.flatMap(requestedStages))],
    });
  }
  for (const upload of command.uploads)
    events.push({ type: 'UploadReceived', ...upload, receivedAt: at });
  const received = events.reduce(evolve, state);
  for (const { uploadId } of command.uploads) {
    const upload = received.uploads.get(uploadId)!;
    const first: Stage[] = upload.classify ? ['classification'] : [...upload.features];
    events.push(...first.map((stage) => request(upload, stage, command)));
  }
  return withCompletion(events, state, command.now);
}

function recordResult(
  { result, now, stageTimeoutMs }: RecordStageResult,
  state: CaseState,
): CaseDomainEvent[] {
  const run = runOf(state, result.runId);
  if (!run) throw new UnknownRun(result.runId);
  const { runId, uploadId, stage, finishedAt } = result;
  if (state.status === 'deleted' || run.status !== 'processing') {
    return [
      {
        type: 'LateResultReceived',
        runId,
        uploadId,
        stage,
        status: result.status,
        result: result.status === 'completed' ? result.result : null,
        finishedAt,
      },
    ];
  }
  const finished: CaseDomainEvent =
    result.status === 'completed'
      ? {
          type: 'StageCompleted',
          runId,
          uploadId,
          stage,
          result: result.result,
          documentType: result.documentType,
          finishedAt,
        }
      : { type: 'StageFailed', runId, uploadId, stage, failure: result.failure, finishedAt };
  return withCompletion(withNextRequests(finished, state, { now, stageTimeoutMs }), state, now);
}

function failRun(
  { runId, failure, now, stageTimeoutMs }: FailRun,
  state: CaseState,
): CaseDomainEvent[] {
  const run = runOf(state, runId);
  // The result arrived after all, or the case was deleted.
  if (!run || run.status !== 'processing' || state.status === 'deleted') return [];
  const { uploadId, stage } = run;
  const failed: CaseDomainEvent = {
    type: 'StageFailed',
    runId,
    uploadId,
    stage,
    failure,
    finishedAt: now.toISOString(),
  };
  return withCompletion(withNextRequests(failed, state, { now, stageTimeoutMs }), state, now);
}

/** Adds the requests that follow a finished stage: after classification, even a failed one, the requested features. */
function withNextRequests(
  finished: DomainEventOf<'StageCompleted'> | DomainEventOf<'StageFailed'>,
  state: CaseState,
  when: { now: Date; stageTimeoutMs: number },
): CaseDomainEvent[] {
  if (finished.stage !== 'classification') return [finished];
  const upload = evolve(state, finished).uploads.get(finished.uploadId)!;
  return [finished, ...upload.features.map((stage) => request(upload, stage, when))];
}

function request(
  upload: Upload,
  stage: Stage,
  { now, stageTimeoutMs }: { now: Date; stageTimeoutMs: number },
): DomainEventOf<'StageRequested'> {
  return {
    type: 'StageRequested',
    runId: runIdOf(upload.id, stage, 1),
    run: 1,
    uploadId: upload.id,
    stage,
    documentType: upload.documentType,
    requestedAt: now.toISOString(),
    deadline: new Date(now.getTime() + stageTimeoutMs).toISOString(),
  };
}

/** Adds CaseCompleted if these events complete the case. */
function withCompletion(
  events: CaseDomainEvent[],
  before: CaseState,
  now: Date,
): CaseDomainEvent[] {
  const after = events.reduce(evolve, before);
  const uploads = [...after.uploads.values()];
  const isFinished = uploads.every((upload) =>
    requestedStages(upload).every(
      (stage) => (upload.runs.get(stage)?.status ?? 'processing') !== 'processing',
    ),
  );
  if (!isFinished || after.status !== 'processing') return events;
  const completed: CaseDomainEvent = {
    type: 'CaseCompleted',
    result: resultOf(uploads.flatMap(({ runs }) => [...runs.values()])),
    again: before.completedBefore,
    completedAt: now.toISOString(),
  };
  return [...events, completed];
}

export function resultOf(runs: readonly Pick<Run, 'status'>[]): CaseResult {
  const failed = runs.filter(({ status }) => status === 'failed').length;
  if (failed === 0) return 'succeeded';
  return failed === runs.length ? 'failed' : 'partially_failed';
}

function runOf(state: CaseState, runId: string): (Run & { uploadId: string }) | undefined {
  for (const upload of state.uploads.values()) {
    for (const run of upload.runs.values()) {
      if (run.runId === runId) return { ...run, uploadId: upload.id };
    }
  }
  return undefined;
}
