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

import type { CaseFact, FactOf, StoredDocument } from './case-fact.ts';
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
  /** How long a stage may take, queueing included, in milliseconds. */
  patienceMs: number;
}

export interface RecordOutcome {
  type: 'RecordOutcome';
  outcome: StageResult;
  now: Date;
  patienceMs: number;
}

/** A run that will not answer any more: its deadline passed, or its request could not be understood. */
export interface GiveUpRun {
  type: 'GiveUpRun';
  runId: string;
  failure: StageFailure;
  now: Date;
  patienceMs: number;
}

export interface DeleteCase {
  type: 'DeleteCase';
  now: Date;
}

export type CaseCommand = SubmitUploads | RecordOutcome | GiveUpRun | DeleteCase;

export class CaseDeletedAlready extends Error {
  readonly code = 'CASE_DELETED';
  readonly retriable = false;
  constructor() {
    super('the case was deleted: it takes nothing more');
  }
}

/** An outcome of a run that this case never asked for. */
export class RunUnknown extends Error {
  readonly code = 'RUN_UNKNOWN';
  readonly retriable = false;
  constructor(readonly runId: string) {
    super(`the case has no run ${runId}`);
  }
}

/** The id of a stage's run on an upload: the same wherever it is asked for. */
export const runIdOf = (uploadId: string, stage: Stage, run: number): string =>
  uuidV5('run', uploadId, stage, `${run}`);

/**
 * A case. Every decision holds the facts and the requests that follow from them, so that they are appended together:
 * no separate reaction could race a deletion.
 */
export const caseDecider: Decider<CaseCommand, CaseState, CaseFact> = {
  decide,
  evolve,
  initialState,
};

export function decide(command: CaseCommand, state: CaseState): CaseFact[] {
  switch (command.type) {
    case 'SubmitUploads':
      return submit(command, state);
    case 'RecordOutcome':
      return record(command, state);
    case 'GiveUpRun':
      return giveUp(command, state);
    case 'DeleteCase':
      return state.status === 'deleted' || state.status === 'new'
        ? []
        : [{ type: 'CaseDeleted', deletedAt: command.now.toISOString() }];
  }
}

function submit(command: SubmitUploads, state: CaseState): CaseFact[] {
  if (state.status === 'deleted') throw new CaseDeletedAlready();
  const at = command.now.toISOString();
  const facts: CaseFact[] = [];
  if (state.status === 'new') {
    facts.push({
      type: 'CaseSubmitted',
      organizationId: command.organizationId,
      environment: command.environment,
      submittedAt: at,
      uploadIds: command.uploads.map(({ uploadId }) => uploadId),
      stages: [...new Set(command.uploads.flatMap(requestedStages))],
    });
  }
  for (const upload of command.uploads)
    facts.push({ type: 'UploadReceived', ...upload, receivedAt: at });
  const received = facts.reduce(evolve, state);
  for (const { uploadId } of command.uploads) {
    const upload = received.uploads.get(uploadId)!;
    const first: Stage[] = upload.classify ? ['classification'] : [...upload.features];
    facts.push(...first.map((stage) => request(upload, stage, command)));
  }
  return settled(facts, state, command.now);
}

function record({ outcome, now, patienceMs }: RecordOutcome, state: CaseState): CaseFact[] {
  const run = runOf(state, outcome.runId);
  if (!run) throw new RunUnknown(outcome.runId);
  const { runId, uploadId, stage, finishedAt } = outcome;
  if (state.status === 'deleted' || run.status !== 'processing') {
    const result = outcome.status === 'completed' ? outcome.result : null;
    return [
      {
        type: 'LateOutcomeReceived',
        runId,
        uploadId,
        stage,
        status: outcome.status,
        result,
        finishedAt,
      },
    ];
  }
  const finished: CaseFact =
    outcome.status === 'completed'
      ? {
          type: 'StageCompleted',
          runId,
          uploadId,
          stage,
          result: outcome.result,
          documentType: outcome.documentType,
          finishedAt,
        }
      : { type: 'StageFailed', runId, uploadId, stage, failure: outcome.failure, finishedAt };
  return settled(followed(finished, state, { now, patienceMs }), state, now);
}

function giveUp({ runId, failure, now, patienceMs }: GiveUpRun, state: CaseState): CaseFact[] {
  const run = runOf(state, runId);
  // It answered after all, or the case is gone: then there is nothing to give up.
  if (!run || run.status !== 'processing' || state.status === 'deleted') return [];
  const { uploadId, stage } = run;
  const failed: CaseFact = {
    type: 'StageFailed',
    runId,
    uploadId,
    stage,
    failure,
    finishedAt: now.toISOString(),
  };
  return settled(followed(failed, state, { now, patienceMs }), state, now);
}

/** What follows when a stage is over: after classification, failed or not, the features that were asked for. */
function followed(
  finished: FactOf<'StageCompleted'> | FactOf<'StageFailed'>,
  state: CaseState,
  when: { now: Date; patienceMs: number },
): CaseFact[] {
  if (finished.stage !== 'classification') return [finished];
  const upload = evolve(state, finished).uploads.get(finished.uploadId)!;
  return [finished, ...upload.features.map((stage) => request(upload, stage, when))];
}

function request(
  upload: Upload,
  stage: Stage,
  { now, patienceMs }: { now: Date; patienceMs: number },
): FactOf<'StageRequested'> {
  return {
    type: 'StageRequested',
    runId: runIdOf(upload.id, stage, 1),
    run: 1,
    uploadId: upload.id,
    stage,
    documentType: upload.documentType,
    requestedAt: now.toISOString(),
    deadline: new Date(now.getTime() + patienceMs).toISOString(),
  };
}

/** Adds that the case is completed, where these facts complete it. */
function settled(facts: CaseFact[], before: CaseState, now: Date): CaseFact[] {
  const after = facts.reduce(evolve, before);
  const uploads = [...after.uploads.values()];
  const over = uploads.every((upload) =>
    requestedStages(upload).every(
      (stage) => (upload.runs.get(stage)?.status ?? 'processing') !== 'processing',
    ),
  );
  if (!over || after.status !== 'processing') return facts;
  const completed: CaseFact = {
    type: 'CaseCompleted',
    result: resultOf(uploads.flatMap(({ runs }) => [...runs.values()])),
    again: before.completedBefore,
    completedAt: now.toISOString(),
  };
  return [...facts, completed];
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
