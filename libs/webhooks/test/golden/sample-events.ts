import { Stage, stageEventName } from '@casewire/contracts';

import type { DeliverableEvent } from '../../src/dialect.ts';
import type { EventData, EventName, StageEventName } from '../../src/receiver/events.ts';

const caseId = '6850abc1-23de-4f45-8ab7-89c0de1f2a3b';
const uploadId = 'b8c9d0e1-f234-4678-9234-901234567890';
const reviewId = 'd0e1f234-5678-4012-b456-123456789012';
const orderId = '3f0a1c52-7d5e-4a0b-8c55-2f1f6f6f0a10';
const applicantId = '550e8400-e29b-41d4-a716-446655440000';
const occurredAt = '2026-02-04T14:08:00.000Z';

const ofCase = { caseId, externalId: 'applicant-9876', reference: null, occurredAt };
const ofOrder = {
  orderId,
  orderNumber: 'CW-2026-000042',
  userId: 'user_123',
  templateId: null,
  metadata: { test_key: 'test_value' },
  occurredAt,
};
const ofApplicant = { applicant_id: applicantId, external_id: 'user_123' };

/** An event with default values for everything except type and data. */
export const sampleEvent = (
  type: string,
  data: Record<string, unknown>,
  over: Partial<DeliverableEvent> = {},
): DeliverableEvent => ({
  id: 'f47ac10b-58cc-5372-a567-0e02b2c3d479',
  type,
  version: 1,
  organizationId: 'a1b2c3d4-e5f6-4890-abcd-ef1234567890',
  environment: 'production',
  occurredAt,
  feature: null,
  subject: (data.caseId ?? data.orderId ?? null) as string | null,
  correlationId: null,
  data,
  ...over,
});

/** An event of the catalog: the compiler checks its data against the receiver's types. */
const event = <Name extends EventName>(
  type: Name,
  data: EventData[Name],
  over: Partial<DeliverableEvent> = {},
): DeliverableEvent => sampleEvent(type, { ...data }, over);

const stageEvents = Stage.options.flatMap((stage) =>
  (['completed', 'failed'] as const).map((status) => {
    const type = stageEventName(stage, status) as StageEventName;
    return [type, event(type, { ...ofCase, uploadId }, { feature: stage })] as const;
  }),
);

const reviewOpened = {
  ...ofCase,
  reviewId,
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
} satisfies Partial<EventData['document.assessed']>;

/** One event of each kind, by the name of its golden files. */
export const sampleEvents: ReadonlyMap<string, DeliverableEvent> = new Map([
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
    event('document.assessed', { ...assessed, verdict: 'verified', fraudSignals: [] }),
  ],
  [
    'document.assessed.review',
    event('document.assessed', {
      ...assessed,
      verdict: 'review',
      ocrConfidence: null,
      fraudSignals: [],
    }),
  ],
  [
    'document.assessed.rejected',
    event('document.assessed', {
      ...assessed,
      verdict: 'rejected',
      fraudSignals: ['metadata_tampered'],
    }),
  ],
  [
    'review.opened.unprocessable',
    event('review.opened', { ...reviewOpened, cause: 'unprocessable' }),
  ],
  ['review.opened.verdict', event('review.opened', { ...reviewOpened, cause: 'verdict' })],
  ['review.opened.manual', event('review.opened', { ...reviewOpened, cause: 'manual' })],
  [
    'review.assigned',
    event('review.assigned', {
      ...ofCase,
      reviewId,
      assigneeId: 'd4e5f6a7-b8c9-4123-9ef0-456789012345',
    }),
  ],
  [
    'review.resolved',
    event('review.resolved', { ...ofCase, reviewId, resolution: 'approved', resolvedBy: null }),
  ],
  ['document.revised', event('document.revised', { ...ofCase, uploadId, revision: 1 })],
  ['case.revised', event('case.revised', { ...ofCase, revision: 2 })],
  ['order.created', event('order.created', { ...ofOrder, status: 'pending' })],
  [
    'order.status_updated',
    event('order.status_updated', {
      ...ofOrder,
      employerId: '31e2fdc5bf0c42d4bd2eb16f49066b0d',
      dataSource: 'docs',
      linkId: null,
      status: 'completed',
    }),
  ],
  ['order.completed', event('order.completed', { ...ofOrder, status: 'completed' })],
  [
    'order.refresh_failed',
    event('order.refresh_failed', {
      ...ofOrder,
      employerId: null,
      dataSource: null,
      linkId: null,
      status: 'unavailable',
    }),
  ],
  [
    'verification.state_changed',
    event('verification.state_changed', {
      ...ofOrder,
      verificationId: '0b9f1f0e-3a53-4f3f-9d43-5f0f2f5b7c11',
      state: 'action-required',
    }),
  ],
  [
    'task.status_updated',
    event('task.status_updated', {
      ...ofOrder,
      taskId: '521442a0-8760-4e59-9c63-7db310d07402',
      trackingInfo: '31e2fdc5bf0c42d4bd2eb16f49066b0d',
      status: 'login_error',
    }),
  ],
  [
    'endpoint.ping',
    event('endpoint.ping', {
      endpointId: 'c0ffee00-0000-4000-8000-000000000001',
      message: 'This is a test webhook delivery from Casewire',
    }),
  ],
  ...(['created', 'updated', 'approved', 'rejected', 'withdrawn'] as const).map(
    (change) =>
      [
        `applicant.${change}`,
        event(`applicant.${change}`, { ...ofApplicant, status: change }),
      ] as const,
  ),
  [
    'applicant.submitted',
    event(
      'applicant.submitted',
      {
        ...ofApplicant,
        status: 'in_progress',
        submitted_at: '2026-02-04T14:00:00Z',
        documents_count: 2,
        steps_completed: ['document_upload', 'selfie'],
      },
      { correlationId: 'trace-7' },
    ),
  ],
  [
    'applicant.reviewed',
    event('applicant.reviewed', {
      ...ofApplicant,
      status: 'approved',
      risk_score: 25,
      risk_level: 'low',
      review_decision: 'manual_approved',
      reviewed_by: 'd4e5f6a7-b8c9-4123-9ef0-456789012345',
      reviewed_at: '2026-02-04T15:00:00Z',
      flags: [],
    }),
  ],
  ...[false, true].map((sandbox) => {
    const data = {
      ...ofApplicant,
      status: 'approved',
      ...(sandbox && { sandbox: true as const }),
      biometrics_verified: true,
      screening_status: 'clear' as const,
      risk_level: 'low' as const,
      verification_results: {
        biometrics: { face_match: true, liveness: true },
        screening: { watchlist: { status: 'clear', hit_count: 0 } },
        risk: { overall_level: 'low', score: 25 },
      },
    };
    return [
      `applicant.verification_complete${sandbox ? '.sandbox' : ''}`,
      event('applicant.verification_complete', data, {
        environment: sandbox ? 'sandbox' : 'production',
      }),
    ] as const;
  }),
  [
    'screening.started',
    event('screening.started', {
      ...ofApplicant,
      screening_check_id: 'f6a7b8c9-d0e1-4345-a012-789012345678',
      check_types: ['sanctions', 'pep'],
    }),
  ],
  ...(
    [
      ['completed', 'clear', 0],
      ['hit', 'hit', 1],
    ] as const
  ).map(
    ([name, status, hits]) =>
      [
        `screening.${name}`,
        event(`screening.${name}`, {
          ...ofApplicant,
          screening_check_id: 'f6a7b8c9-d0e1-4345-a012-789012345678',
          status,
          hit_count: hits,
          check_types: ['sanctions', 'pep', 'adverse_media'],
          list_version: '2026-02-04',
          completed_at: '2026-02-04T14:10:00Z',
        }),
      ] as const,
  ),
  [
    'session.completed',
    event('session.completed', {
      session_id: 'f2345678-9012-4456-b890-345678901234',
      applicant_id: applicantId,
      status: 'completed',
      completed_at: '2026-02-04T14:15:00Z',
      completion_data: { final_status: 'approved', risk_level: 'low' },
    }),
  ],
  [
    'workflow.action.webhook',
    event('workflow.action.webhook', {
      workflow_execution_id: 'b2c3d4e5-f6a7-4901-bcde-f12345678901',
      applicant: { id: applicantId, status: 'approved', risk_level: 'low' },
      team_note: 'a field of the workflow',
    }),
  ],
  [
    'link.disconnected',
    event('link.disconnected', {
      link_id: '9915c50cc047413bb810767f218390f8',
      user_id: 'user_123',
      template_id: null,
      employer_id: '31e2fdc5bf0c42d4bd2eb16f49066b0d',
      disconnected_at: '2026-02-04T14:07:59Z',
    }),
  ],
]);
