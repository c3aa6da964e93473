import { createHmac } from 'node:crypto';

import type { Addressee, DeliverableEvent, Dialect } from './dialect.ts';
import { standardSchedule } from './retry-schedule.ts';
import { vendorKey } from './vendor-key.ts';

/** The fourteen names that TrustGate lets subscribe to, and the catalog's types that they are made from (TG-10). */
const subscribable: readonly (readonly [string, string])[] = [
  ['applicant.created', 'applicant.created'],
  ['applicant.updated', 'applicant.updated'],
  ['applicant.approved', 'applicant.approved'],
  ['applicant.rejected', 'applicant.rejected'],
  ['applicant.withdrawn', 'applicant.withdrawn'],
  ['document.uploaded', 'upload.received'],
  ['document.verified', 'document.assessed'],
  ['document.rejected', 'document.assessed'],
  ['screening.started', 'screening.started'],
  ['screening.completed', 'screening.completed'],
  ['screening.hit', 'screening.hit'],
  ['case.created', 'review.opened'],
  ['case.resolved', 'review.resolved'],
  ['case.assigned', 'review.assigned'],
];

/** What it fires beside them (TG-9). */
const alsoFired: readonly (readonly [string, string])[] = [
  ['applicant.submitted', 'applicant.submitted'],
  ['applicant.reviewed', 'applicant.reviewed'],
  ['applicant.verification_complete', 'applicant.verification_complete'],
  ['session.completed', 'session.completed'],
  ['test.ping', 'endpoint.ping'],
  ['workflow.action.webhook', 'workflow.action.webhook'],
];

const vocabulary = new Map([...subscribable, ...alsoFired].map(([name, type]) => [name, [type]]));
const names = new Map(
  [...subscribable, ...alsoFired]
    .filter(([name]) => name !== 'document.rejected')
    .map(([name, type]) => [type, name]),
);

/** Who subscribes to rejections gets them under that name; the data are the same under both (TG-17). */
const nameOf = ({ type, data }: DeliverableEvent): string | null =>
  type === 'document.assessed' && data.verdict === 'rejected'
    ? 'document.rejected'
    : (names.get(type) ?? null);

/** TrustGate's: one envelope for everything but test.ping and workflow.action.webhook, and two signatures. */
export const trustgate: Dialect = {
  name: 'trustgate',
  vocabulary,
  nameOf,
  body(event, addressee) {
    if (event.type === 'endpoint.ping') return testPing(event, addressee);
    if (event.type === 'workflow.action.webhook') return workflowAction(event);
    return {
      event_type: nameOf(event),
      event_id: event.id,
      timestamp: event.occurredAt,
      tenant_id: event.organizationId,
      correlation_id: event.correlationId,
      data: dataOf(event),
    };
  },
  headers: () => ({ 'user-agent': 'TrustGate-Webhook/1.0' }),
  attemptHeaders(body, { sentAt }, credentials) {
    const key = vendorKey(credentials);
    const timestamp = Math.floor(sentAt.getTime() / 1000);
    const hex = (...parts: (string | Uint8Array)[]) =>
      parts.reduce((mac, part) => mac.update(part), createHmac('sha256', key)).digest('hex');
    return {
      'x-webhook-signature': hex(`${timestamp}.`, body),
      'x-webhook-timestamp': `${timestamp}`,
      // As GitHub signs: the body alone. It protects against no replay; the other one does.
      'x-trustgate-signature': `sha256=${hex(body)}`,
    };
  },
  secretHeaders: [],
  schedule: standardSchedule,
  timeoutMs: 15_000,
};

/** Its own envelope (TG-22). */
const testPing = ({ occurredAt, data }: DeliverableEvent, { endpointId }: Addressee) => ({
  event: 'test.ping',
  timestamp: occurredAt,
  data: { message: data.message, webhook_id: endpointId ?? data.endpointId },
});

/** Its own envelope too, and open: a workflow's fields stand beside these, and never in place of them (TG-24). */
function workflowAction({ occurredAt, organizationId, data }: DeliverableEvent) {
  const envelope = {
    event: 'workflow.action.webhook',
    timestamp: occurredAt,
    tenant_id: organizationId,
    workflow_execution_id: data.workflow_execution_id,
    applicant: data.applicant,
  };
  return { ...envelope, ...data, ...envelope };
}

/** Casewire's facts in TrustGate's fields: the applicant is who the case is about, TrustGate's case is our review. */
function dataOf({ type, occurredAt, data }: DeliverableEvent): Record<string, unknown> {
  const applicant = { applicant_id: data.caseId, external_id: data.externalId ?? null };
  switch (type) {
    case 'upload.received':
      return {
        ...applicant,
        document_id: data.uploadId,
        media_type: data.mediaType,
        pages: data.pages,
        size: data.size,
        uploaded_at: occurredAt,
      };
    case 'document.assessed':
      return {
        ...applicant,
        document_id: data.uploadId,
        document_type: data.documentType,
        status: data.verdict,
        ocr_confidence: data.ocrConfidence,
        fraud_signals: data.fraudSignals,
        security_features_detected: data.securityFeatures,
        verified_at: occurredAt,
      };
    case 'review.opened':
      return {
        ...applicant,
        case_id: data.reviewId,
        case_type: data.reviewType,
        priority: data.priority,
        reason: data.reason,
        auto_created: data.cause !== 'manual',
        created_at: occurredAt,
      };
    case 'review.assigned':
      return {
        ...applicant,
        case_id: data.reviewId,
        assigned_to: data.assigneeId,
        assigned_at: occurredAt,
      };
    case 'review.resolved':
      return {
        ...applicant,
        case_id: data.reviewId,
        resolution: data.resolution,
        resolved_by: data.resolvedBy,
        resolved_at: occurredAt,
      };
    default:
      // A team's event: its data are TrustGate's already.
      return data;
  }
}
