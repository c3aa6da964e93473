import {
  uuidV5,
  type AutomaticReviewCause,
  type Feature,
  type StageFacts,
} from '@casewire/contracts';

import { assess, missingFields } from '../assessment/assess.ts';
import type { DecisionContext, DecisionSettings } from './case-command.ts';
import type { CaseDomainEvent } from './case-domain-event.ts';
import { resultOf } from './case-result.ts';
import { areStagesFinished, isFinished, type CaseState, type Upload } from './case-state.ts';
import { stageRequested, type Decision } from './decision.ts';
import { continueRefresh } from './refresh.ts';

/** Adds everything that follows from the result of a run: requests, the end of a refresh, verdicts, reviews, the completion. */
export function react(decision: Decision, context: DecisionContext): void {
  requestFeatures(decision, context);
  continueRefresh(decision, context);
  assessDocuments(decision, context);
  openAutomaticReview(decision, context);
  completeIfFinished(decision, context);
}

/** After classification, even a failed one, the requested features. */
function requestFeatures(decision: Decision, context: DecisionContext): void {
  for (const event of decision.events.slice()) {
    if (event.type !== 'StageCompleted' && event.type !== 'StageFailed') continue;
    if (event.stage !== 'classification') continue;
    const upload = decision.state.uploads.get(event.uploadId)!;
    decision.add(
      ...upload.features.map((stage) => stageRequested(upload, { stage, run: 1 }, context)),
    );
  }
}

/** A verdict where extraction and forensics of a document have ended, and another one if a refresh changed it. */
function assessDocuments(decision: Decision, { now, settings }: DecisionContext): void {
  for (const upload of touchedUploads(decision)) {
    if (!needsVerdict(upload, decision.events)) continue;
    const assessment = assess(upload, settings.rules);
    if (upload.assessment && isSame(assessment, upload.assessment)) continue;
    decision.add({
      type: 'DocumentAssessed',
      uploadId: upload.id,
      documentType: upload.documentType ?? 'unknown',
      assessment: { number: (upload.assessment?.number ?? 0) + 1, ...assessment },
      assessedAt: now.toISOString(),
    });
  }
}

function needsVerdict(upload: Upload, events: readonly CaseDomainEvent[]): boolean {
  if (!(['extraction', 'forensics'] as const).every((stage) => isAssessable(upload, stage)))
    return false;
  return upload.assessment === null || events.some(({ type }) => type === 'RefreshCompleted');
}

/** Results of the first version came without facts: nothing can be decided by them until a refresh. */
function isAssessable({ features, runs, facts }: Upload, stage: Feature): boolean {
  const run = runs.get(stage);
  if (!features.includes(stage) || !isFinished(run)) return false;
  return run?.status !== 'completed' || facts.has(stage);
}

const isSame = (one: object, other: object): boolean =>
  Object.entries(one).every(
    ([name, value]) =>
      JSON.stringify(value) === JSON.stringify((other as Record<string, unknown>)[name]),
  );

/** The uploads whose results changed in this decision. */
function touchedUploads({ events, state }: Decision): Upload[] {
  const ids = events.flatMap((event) => {
    if (event.type === 'StageCompleted' || event.type === 'StageFailed') return [event.uploadId];
    return event.type === 'RefreshCompleted' ? event.uploadIds : [];
  });
  return [...new Set(ids)].flatMap((id) => state.uploads.get(id) ?? []);
}

interface Cause {
  cause: AutomaticReviewCause;
  uploadId: string;
  reasons: string[];
}

/** Opens a review where a document needs a person, if the organization wants that and none is open. */
function openAutomaticReview(decision: Decision, context: DecisionContext): void {
  if (!context.settings.automaticReviews) return;
  const found = decision.events.flatMap((event) => causeOf(event, decision.state, context) ?? []);
  const [first] = found.toSorted((a, b) => rank[a.cause] - rank[b.cause]);
  if (first) openReviewFor(decision, first, context);
}

/** Of several causes the lowest rank opens the review: there is one review at a time. */
const rank: Readonly<Record<AutomaticReviewCause, number>> = {
  unprocessable: 1,
  verdict: 2,
  fields_missing: 3,
  low_confidence: 4,
};

function causeOf(
  event: CaseDomainEvent,
  state: CaseState,
  { settings: { rules } }: DecisionContext,
): Cause | undefined {
  if (event.type === 'StageFailed' && rules.unprocessableStages.includes(event.stage)) {
    const reasons = [`${event.stage}_failed`, event.failure.code];
    return { cause: 'unprocessable', uploadId: event.uploadId, reasons };
  }
  if (event.type === 'DocumentAssessed' && event.assessment.verdict === 'review')
    return { cause: 'verdict', uploadId: event.uploadId, reasons: event.assessment.reasons };
  if (event.type === 'StageCompleted')
    return causeOfResult(state.uploads.get(event.uploadId)!, event, rules);
  return undefined;
}

function causeOfResult(
  upload: Upload,
  { facts }: { facts?: StageFacts | undefined },
  rules: DecisionSettings['rules'],
): Cause | undefined {
  if (facts?.stage === 'classification') {
    return facts.confidence < rules.minimumClassificationConfidence
      ? { cause: 'low_confidence', uploadId: upload.id, reasons: ['low_classification_confidence'] }
      : undefined;
  }
  if (facts?.stage !== 'extraction') return undefined;
  const missing = missingFields(upload, rules);
  return missing.length > 0
    ? { cause: 'fields_missing', uploadId: upload.id, reasons: missing }
    : undefined;
}

/** Opens the review that the file name of a sandbox upload asks for. */
export function openSteeredReviews(decision: Decision, context: DecisionContext): void {
  for (const event of decision.events.slice()) {
    if (event.type !== 'UploadReceived' || !event.simulate?.review) continue;
    const { uploadId, simulate } = event;
    openReviewFor(decision, { cause: simulate.review!, uploadId, reasons: ['simulated'] }, context);
  }
}

function openReviewFor(
  decision: Decision,
  { cause, uploadId, reasons }: Cause,
  { now, settings: { rules } }: DecisionContext,
): void {
  if (decision.state.openReviewId !== null) return;
  const { reviewType, priority } = rules.reviews[cause];
  decision.add({
    type: 'ReviewOpened',
    reviewId: uuidV5('review', uploadId, `${decision.state.reviews.size + 1}`),
    uploadId,
    reviewType,
    priority,
    cause,
    reasons,
    openedBy: null,
    openedAt: now.toISOString(),
    dueAt: dueAt(now, rules.reviewHours[priority]),
  });
}

export const dueAt = (now: Date, hours: number): string =>
  new Date(now.getTime() + hours * 3_600_000).toISOString();

/** Completes the case where every stage has ended, no review is open and no documents are awaited. */
export function completeIfFinished(
  decision: Decision,
  { now }: Pick<DecisionContext, 'now'>,
): void {
  const { state } = decision;
  if (state.completed || state.openReviewId !== null) return;
  if (state.actionRequired || !areStagesFinished(state)) return;
  decision.add({
    type: 'CaseCompleted',
    result: resultOf(state),
    decision: state.decision,
    again: state.completedBefore,
    completedAt: now.toISOString(),
  });
}
