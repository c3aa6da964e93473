import type { Stage } from '@casewire/contracts';

import type { CaseDomainEvent, DomainEventOf } from './case-domain-event.ts';
import type { CaseState, RefreshRun, Review, Run, Upload } from './case-state.ts';
import { decisionOf } from './review-decision.ts';

/** The state of a case after a further domain event. */
export function evolve(state: CaseState, event: CaseDomainEvent): CaseState {
  switch (event.type) {
    case 'CaseSubmitted':
      return { ...state, phase: 'open' };
    case 'CaseLinked':
      return { ...state, verificationId: event.verificationId };
    case 'UploadReceived':
      return withUpload({ ...state, completed: false, actionRequired: false }, received(event));
    case 'StageRequested':
      return requested(state, event);
    case 'StageCompleted':
      return completed(state, event);
    case 'StageFailed':
      return withRun(state, event, 'failed');
    case 'DocumentAssessed':
      return changeUpload(state, event.uploadId, { assessment: event.assessment });
    case 'CaseCompleted':
      return { ...state, completed: true, completedBefore: true };
    case 'ReviewOpened':
      return withReview({ ...state, openReviewId: event.reviewId }, event.reviewId, {
        id: event.reviewId,
        status: 'open',
        assigneeId: null,
        end: null,
      });
    case 'ReviewAssigned':
      return withReview(state, event.reviewId, { assigneeId: event.assigneeId });
    case 'ReviewResolved':
      return resolved(state, event);
    case 'ReviewCanceled':
      return withReview({ ...state, openReviewId: null }, event.reviewId, { status: 'canceled' });
    case 'ActionRequired':
      return { ...state, actionRequired: true };
    case 'ActionClosed':
      return { ...state, actionRequired: false };
    case 'DocumentRevised':
      return changeUpload(state, event.uploadId, { extractionVersion: event.version });
    case 'CaseRevised':
      return { ...state, revision: event.revision };
    case 'RefreshRequested':
      return refreshRequested(state, event);
    case 'RefreshRunCompleted':
      return withRefreshRun(state, event.runId, {
        status: 'completed',
        documentType: event.documentType,
        facts: event.facts ?? null,
        result: event.result,
      });
    case 'RefreshRunFailed':
      return withRefreshRun(state, event.runId, { status: 'failed' });
    case 'RefreshCompleted':
      return refreshed(state);
    case 'RefreshFailed':
      return { ...state, refresh: null };
    case 'CaseCanceled':
      return canceled(state);
    case 'CaseDeleted':
      return { ...state, phase: 'deleted', refresh: null };
    case 'TimeAdvanced':
    case 'LateResultReceived':
      return state;
  }
}

const received = (event: DomainEventOf<'UploadReceived'>): Upload => ({
  id: event.uploadId,
  document: event.document,
  classify: event.classify,
  features: event.features,
  targetLanguage: event.targetLanguage,
  steering: event.simulate ?? null,
  documentType: null,
  runs: new Map(),
  facts: new Map(),
  lastRun: new Map(),
  assessment: null,
  extractionVersion: 0,
});

const withUpload = (state: CaseState, upload: Upload): CaseState => ({
  ...state,
  uploads: new Map(state.uploads).set(upload.id, upload),
});

function changeUpload(state: CaseState, uploadId: string, changes: Partial<Upload>): CaseState {
  const upload = state.uploads.get(uploadId);
  return upload ? withUpload(state, { ...upload, ...changes }) : state;
}

function requested(state: CaseState, event: DomainEventOf<'StageRequested'>): CaseState {
  const { uploadId, runId, run, stage } = event;
  const upload = state.uploads.get(uploadId);
  if (!upload) return state;
  const lastRun = new Map(upload.lastRun).set(stage, run);
  if (run > 1) {
    return withRefreshRun(changeUpload(state, uploadId, { lastRun }), runId, { requested: true });
  }
  const runs = new Map(upload.runs).set(stage, { runId, run, stage, status: 'processing' });
  return withUpload(state, { ...upload, runs, lastRun });
}

function withRun(
  state: CaseState,
  { uploadId, stage }: { uploadId: string; stage: Stage },
  status: Run['status'],
): CaseState {
  const upload = state.uploads.get(uploadId);
  const run = upload?.runs.get(stage);
  if (!upload || !run) return state;
  return withUpload(state, {
    ...upload,
    runs: new Map(upload.runs).set(stage, { ...run, status }),
  });
}

function completed(state: CaseState, event: DomainEventOf<'StageCompleted'>): CaseState {
  const next = withRun(state, event, 'completed');
  const upload = next.uploads.get(event.uploadId);
  if (!upload) return next;
  return withUpload(next, withResult(upload, event));
}

type RunResult = Pick<DomainEventOf<'StageCompleted'>, 'stage' | 'documentType'> & {
  facts?: DomainEventOf<'StageCompleted'>['facts'] | null;
};

/** An upload with what a completed run found out. */
const withResult = (upload: Upload, { stage, documentType, facts }: RunResult): Upload => ({
  ...upload,
  ...(stage === 'classification' && { documentType }),
  ...(stage === 'extraction' && { extractionVersion: upload.extractionVersion + 1 }),
  ...(facts && { facts: new Map(upload.facts).set(stage, facts) }),
});

const withReview = (state: CaseState, id: string, changes: Partial<Review>): CaseState => ({
  ...state,
  reviews: new Map(state.reviews).set(id, { ...state.reviews.get(id)!, ...changes }),
});

function resolved(state: CaseState, event: DomainEventOf<'ReviewResolved'>): CaseState {
  const { reviewId, resolution, resolvedBy, resolvedAt: at } = event;
  const by = resolvedBy.name ?? `${resolvedBy.type} ${resolvedBy.id}`;
  const next = withReview({ ...state, openReviewId: null }, reviewId, {
    status: 'resolved',
    end: { resolution, by, at },
  });
  return { ...next, decision: decisionOf[resolution] ?? next.decision };
}

function refreshRequested(state: CaseState, event: DomainEventOf<'RefreshRequested'>): CaseState {
  const { refreshId: id, stages, uploadIds } = event;
  const runs = new Map(
    event.runs.map((one): [string, RefreshRun] => [
      one.runId,
      {
        ...one,
        status: 'processing',
        requested: false,
        documentType: null,
        facts: null,
        result: null,
      },
    ]),
  );
  return {
    ...state,
    refresh: { id, stages, uploadIds, runs },
    refreshIds: new Set(state.refreshIds).add(id),
  };
}

function withRefreshRun(state: CaseState, runId: string, changes: Partial<RefreshRun>): CaseState {
  const run = state.refresh?.runs.get(runId);
  if (!state.refresh || !run) return state;
  const runs = new Map(state.refresh.runs).set(runId, { ...run, ...changes });
  return { ...state, refresh: { ...state.refresh, runs } };
}

/** The results of the refresh replace the results before, all at once. */
export function refreshed(state: CaseState): CaseState {
  if (!state.refresh) return state;
  const { runs } = state.refresh;
  return [...runs.values()].reduce(replaceRun, { ...state, refresh: null });
}

function replaceRun(state: CaseState, refreshRun: RefreshRun): CaseState {
  const { uploadId, stage, runId, run, status } = refreshRun;
  const upload = state.uploads.get(uploadId);
  if (!upload) return state;
  const runs = new Map(upload.runs).set(stage, { runId, run, stage, status });
  return withUpload(state, withResult({ ...upload, runs }, refreshRun));
}

/** Runs under way end without a result, and so does a refresh. */
function canceled(state: CaseState): CaseState {
  const uploads = [...state.uploads].map(([id, upload]): [string, Upload] => [
    id,
    {
      ...upload,
      runs: new Map(
        [...upload.runs].map(([stage, run]) => [
          stage,
          run.status === 'processing' ? { ...run, status: 'canceled' } : run,
        ]),
      ),
    },
  ]);
  return {
    ...state,
    phase: 'canceled',
    actionRequired: false,
    refresh: null,
    uploads: new Map(uploads),
  };
}
