import { Stage, stageEventName } from '@casewire/contracts';

import type { EventData, StageEventName } from '../../src/receiver/events.ts';
import { event, occurredAt, type SampleEvents } from './sample-event.ts';

const caseId = '6850abc1-23de-4f45-8ab7-89c0de1f2a3b';
const uploadId = 'b8c9d0e1-f234-4678-9234-901234567890';
const reviewId = 'd0e1f234-5678-4012-b456-123456789012';

const ofCase = { caseId, externalId: 'applicant-9876', reference: null, occurredAt };

const stageEvents = Stage.options.flatMap((stage) =>
  (['completed', 'failed'] as const).map((status) => {
    const type = stageEventName(stage, status) as StageEventName;
    return [type, event(type, { ...ofCase, uploadId }, { feature: stage })] as const;
  }),
);

const reviewOpened = {
  ...ofCase,
  reviewId,
  uploadId,
  reviewType: 'document_review',
  priority: 'high',
  reason: 'The document could not be read',
} as const;
const assessed = {
  ...ofCase,
  uploadId,
  documentType: 'passport',
  ocrConfidence: 0.95,
  securityFeatures: ['mrz_valid'],
  rulesVersion: '2026-11-30',
  assessment: 1,
} satisfies Partial<EventData['document.assessed']>;

const refresh = {
  ...ofCase,
  refreshId: '3e8b2d71-9c45-4f16-a7d0-5b6c7d8e9f01',
  stages: ['extraction' as const],
  uploadIds: [uploadId],
};

export const caseEvents: SampleEvents = [
  ...stageEvents,
  [
    'case.submitted',
    event('case.submitted', { ...ofCase, uploadIds: [uploadId], stages: ['extraction'] }),
  ],
  [
    'case.submitted.with-reference',
    event('case.submitted', {
      ...ofCase,
      externalId: null,
      reference: 'ref "ñ" 1',
      uploadIds: [uploadId],
      stages: ['extraction'],
    }),
  ],
  [
    'upload.received',
    event('upload.received', {
      ...ofCase,
      uploadId,
      mediaType: 'application/pdf',
      pages: 2,
      size: 48_213,
    }),
  ],
  ['case.completed', event('case.completed', { ...ofCase, result: 'succeeded' })],
  [
    'document.assessed.verified',
    event('document.assessed', { ...assessed, verdict: 'verified', reasons: [], fraudSignals: [] }),
  ],
  [
    'document.assessed.review',
    event('document.assessed', {
      ...assessed,
      verdict: 'review',
      reasons: ['fields_missing'],
      ocrConfidence: null,
      fraudSignals: [],
    }),
  ],
  [
    'document.assessed.rejected',
    event('document.assessed', {
      ...assessed,
      verdict: 'rejected',
      reasons: ['tampering_detected'],
      fraudSignals: ['TEXT_OVERLAY', 'BALANCE_MISMATCH'],
      assessment: 2,
    }),
  ],
  ...(['unprocessable', 'low_confidence', 'fields_missing', 'verdict'] as const).map(
    (cause) =>
      [`review.opened.${cause}`, event('review.opened', { ...reviewOpened, cause })] as const,
  ),
  [
    'review.opened.manual',
    event('review.opened', { ...reviewOpened, uploadId: null, cause: 'manual' }),
  ],
  [
    'review.assigned',
    event('review.assigned', {
      ...ofCase,
      reviewId,
      assigneeId: 'd4e5f6a7-b8c9-4123-9ef0-456789012345',
    }),
  ],
  [
    'review.resolved.by-key',
    event('review.resolved', {
      ...ofCase,
      reviewId,
      resolution: 'approved',
      resolvedBy: { type: 'api_key', id: '4f8a1c90b27d3e6f51', name: 'Back office' },
    }),
  ],
  [
    'review.resolved.by-person',
    event('review.resolved', {
      ...ofCase,
      reviewId,
      resolution: 'more_requested',
      resolvedBy: {
        type: 'person',
        id: 'd4e5f6a7-b8c9-4123-9ef0-456789012345',
        name: 'Rosa Díaz',
      },
    }),
  ],
  [
    'case.action_required',
    event('case.action_required', { ...ofCase, reviewId, request: 'The back of the card' }),
  ],
  ['document.revised', event('document.revised', { ...ofCase, uploadId, revision: 1 })],
  ['case.revised', event('case.revised', { ...ofCase, revision: 2 })],
  ['case.canceled', event('case.canceled', ofCase)],
  ['case.refresh.completed', event('case.refresh.completed', { ...refresh, result: 'succeeded' })],
  [
    'case.refresh.failed',
    event('case.refresh.failed', {
      ...refresh,
      failure: { uploadId, stage: 'extraction', code: 'DEADLINE_EXCEEDED' },
    }),
  ],
];
