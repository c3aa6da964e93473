import type { Actor, Stage, TimelineEntry } from '@casewire/contracts';

import type { CaseDomainEvent, DomainEventOf } from '../case/case-domain-event.ts';

/** What a timeline shows of a domain event. */
export interface Moment extends Pick<TimelineEntry, 'what' | 'at'> {
  uploadId?: string | null;
  runId?: string;
  stage?: Stage;
  detail?: string | null;
}

/** The moment that a domain event records. */
export const momentOf = (event: CaseDomainEvent): Moment =>
  (moments[event.type] as (event: CaseDomainEvent) => Moment)(event);

interface OfRun {
  uploadId: string;
  runId: string;
  stage: Stage;
}

const runOf = ({ uploadId, runId, stage }: OfRun): OfRun => ({ uploadId, runId, stage });

const byWhom = ({ name, type, id }: Actor): string => `by ${name ?? `${type} ${id}`}`;

const completed = (event: DomainEventOf<'StageCompleted' | 'RefreshRunCompleted'>): Moment => ({
  what: 'stage.completed',
  at: event.finishedAt,
  ...runOf(event),
  detail: event.documentType,
});

const failed = (event: DomainEventOf<'StageFailed' | 'RefreshRunFailed'>): Moment => ({
  what: 'stage.failed',
  at: event.finishedAt,
  ...runOf(event),
  detail: event.failure.code,
});

const moments: { [T in CaseDomainEvent['type']]: (event: DomainEventOf<T>) => Moment } = {
  CaseSubmitted: ({ submittedAt: at }) => ({ what: 'case.submitted', at }),
  CaseLinked: ({ linkedAt: at, verificationId }) => ({
    what: 'case.linked',
    at,
    detail: verificationId,
  }),
  UploadReceived: ({ receivedAt: at, uploadId }) => ({ what: 'upload.received', at, uploadId }),
  StageRequested: (event) => ({
    what: 'stage.requested',
    at: event.requestedAt,
    ...runOf(event),
  }),
  StageCompleted: completed,
  StageFailed: failed,
  LateResultReceived: (event) => ({
    what: 'stage.result_late',
    at: event.finishedAt,
    ...runOf(event),
    detail: event.status,
  }),
  DocumentAssessed: ({ assessedAt: at, uploadId, assessment }) => ({
    what: 'document.assessed',
    at,
    uploadId,
    detail: [assessment.verdict, ...assessment.reasons].join(', '),
  }),
  CaseCompleted: ({ completedAt: at, result: detail }) => ({ what: 'case.completed', at, detail }),
  ReviewOpened: ({ openedAt: at, uploadId, cause: detail }) => ({
    what: 'review.opened',
    at,
    uploadId,
    detail,
  }),
  ReviewAssigned: ({ assignedAt: at, assignedBy }) => ({
    what: 'review.assigned',
    at,
    detail: byWhom(assignedBy),
  }),
  ReviewResolved: ({ resolvedAt: at, resolution, resolvedBy }) => ({
    what: 'review.resolved',
    at,
    detail: `${resolution} ${byWhom(resolvedBy)}`,
  }),
  ReviewCanceled: ({ canceledAt: at }) => ({ what: 'review.canceled', at }),
  ActionRequired: ({ requiredAt: at }) => ({ what: 'action.required', at }),
  ActionClosed: ({ closedAt: at, closedBy }) => ({
    what: 'action.closed',
    at,
    detail: byWhom(closedBy),
  }),
  DocumentRevised: ({ revisedAt: at, uploadId, version, revisedBy }) => ({
    what: 'document.revised',
    at,
    uploadId,
    stage: 'extraction',
    detail: `version ${version} ${byWhom(revisedBy)}`,
  }),
  CaseRevised: ({ revisedAt: at, revision, revisedBy }) => ({
    what: 'case.revised',
    at,
    detail: `revision ${revision} ${byWhom(revisedBy)}`,
  }),
  RefreshRequested: ({ requestedAt: at, requestedBy }) => ({
    what: 'refresh.requested',
    at,
    detail: byWhom(requestedBy),
  }),
  RefreshRunCompleted: completed,
  RefreshRunFailed: failed,
  RefreshCompleted: ({ completedAt: at, result: detail }) => ({
    what: 'refresh.completed',
    at,
    detail,
  }),
  RefreshFailed: ({ failedAt: at, failure }) => ({
    what: 'refresh.failed',
    at,
    uploadId: failure.uploadId,
    stage: failure.stage,
    detail: failure.code,
  }),
  CaseCanceled: ({ canceledAt: at, canceledBy }) => ({
    what: 'case.canceled',
    at,
    detail: byWhom(canceledBy),
  }),
  TimeAdvanced: ({ advancedAt: at, seconds }) => ({
    what: 'time.advanced',
    at,
    detail: `${seconds} seconds`,
  }),
  CaseDeleted: ({ deletedAt: at, deletedBy }) => ({
    what: 'case.deleted',
    at,
    detail: deletedBy ? byWhom(deletedBy) : null,
  }),
};
