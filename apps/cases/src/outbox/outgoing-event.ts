import { stageEventName } from '@casewire/contracts';

import type { CaseDomainEvent, DomainEventOf } from '../case/case-domain-event.ts';
import { reasonOf } from '../case/review-reason.ts';
import type { CaseContext } from './case-records.ts';

/** An event for subscribers, before it becomes a record. */
export interface OutgoingEvent {
  type: string;
  occurredAt: string;
  feature?: string;
  data: Record<string, unknown>;
}

type About = (occurredAt: string) => Record<string, unknown>;

/** The event that a domain event causes for subscribers; undefined if it causes none. */
export function outgoingEventOf(
  caseId: string,
  event: CaseDomainEvent,
  context: CaseContext,
): OutgoingEvent | undefined {
  const { externalId, reference } = context;
  const about: About = (occurredAt) => ({
    caseId,
    externalId,
    ...(reference !== null && { reference }),
    occurredAt,
  });
  const of = (type: string, occurredAt: string, data: object = {}): OutgoingEvent => ({
    type,
    occurredAt,
    data: { ...about(occurredAt), ...data },
  });
  switch (event.type) {
    case 'CaseSubmitted': {
      const { uploadIds, stages } = event;
      return of('case.submitted', event.submittedAt, { uploadIds, stages });
    }
    case 'CaseLinked': {
      const { orderId, verificationId, stages, linkedAt: occurredAt } = event;
      const data = { caseId, orderId, verificationId, stages, occurredAt };
      return { type: 'case.linked', occurredAt, data };
    }
    case 'UploadReceived': {
      const { mediaType, pages, size } = event.document;
      const { uploadId, receivedAt } = event;
      return of('upload.received', receivedAt, { uploadId, mediaType, pages, size });
    }
    case 'StageCompleted':
    case 'StageFailed': {
      const { stage, uploadId } = event;
      const type = stageEventName(stage, event.type === 'StageCompleted' ? 'completed' : 'failed');
      return { ...of(type, event.finishedAt, { uploadId }), feature: stage };
    }
    case 'DocumentAssessed':
      return of('document.assessed', event.assessedAt, assessed(event));
    case 'CaseCompleted':
      // It is published once: later uploads have events of their own.
      return event.again
        ? undefined
        : of('case.completed', event.completedAt, { result: event.result });
    case 'ReviewOpened':
      return of('review.opened', event.openedAt, opened(event, context));
    case 'ReviewAssigned': {
      const { reviewId, assigneeId } = event;
      return of('review.assigned', event.assignedAt, { reviewId, assigneeId });
    }
    case 'ReviewResolved': {
      const { reviewId, resolution, resolvedBy } = event;
      return of('review.resolved', event.resolvedAt, { reviewId, resolution, resolvedBy });
    }
    case 'ActionRequired': {
      const { reviewId } = event;
      const request = context.reviews.get(reviewId)?.request ?? null;
      return of('case.action_required', event.requiredAt, { reviewId, request });
    }
    case 'DocumentRevised':
      return event.afterResult
        ? of('document.revised', event.revisedAt, {
            uploadId: event.uploadId,
            revision: event.version,
          })
        : undefined;
    case 'CaseRevised':
      return event.afterResult
        ? of('case.revised', event.revisedAt, { revision: event.revision })
        : undefined;
    case 'RefreshCompleted': {
      const { refreshId, stages, uploadIds, result } = event;
      const data = { refreshId, stages, uploadIds, result };
      return of('case.refresh.completed', event.completedAt, data);
    }
    case 'RefreshFailed': {
      const { refreshId, stages, uploadIds, failure } = event;
      const data = { refreshId, stages, uploadIds, failure };
      return of('case.refresh.failed', event.failedAt, data);
    }
    case 'CaseCanceled':
      return of('case.canceled', event.canceledAt);
    case 'CaseDeleted': {
      const { deletedAt: occurredAt } = event;
      return { type: 'case.erased', occurredAt, data: { caseId, occurredAt } };
    }
    case 'StageRequested':
    case 'LateResultReceived':
    case 'ReviewCanceled':
    case 'ActionClosed':
    case 'RefreshRequested':
    case 'RefreshRunCompleted':
    case 'RefreshRunFailed':
    case 'TimeAdvanced':
      return undefined;
  }
}

function assessed({ uploadId, documentType, assessment }: DomainEventOf<'DocumentAssessed'>) {
  const { number, ...verdict } = assessment;
  return { uploadId, documentType, ...verdict, assessment: number };
}

function opened(event: DomainEventOf<'ReviewOpened'>, { reviews }: CaseContext) {
  const { reviewId, uploadId, reviewType, priority, cause, reasons } = event;
  const reason = reviews.get(reviewId)?.reason ?? reasonOf({ cause, reasons });
  return { reviewId, uploadId, reviewType, priority, cause, reason };
}
