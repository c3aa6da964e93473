import { createHmac } from 'node:crypto';

import type { Actor } from '@casewire/contracts';

import type { DeliveryDestination, DeliverableEvent, Dialect } from './dialect.ts';
import { standardSchedule } from './retry-schedule.ts';
import { vendorKey } from './vendor-key.ts';

/** The fourteen names to which TrustGate's customers can subscribe, each with the catalog's event type (TG-10). */
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

/** The other names that TrustGate sends (TG-9). */
const otherEvents: readonly (readonly [string, string])[] = [
  ['applicant.submitted', 'applicant.submitted'],
  ['applicant.reviewed', 'applicant.reviewed'],
  ['applicant.verification_complete', 'applicant.verification_complete'],
  ['session.completed', 'session.completed'],
  ['test.ping', 'endpoint.ping'],
  ['workflow.action.webhook', 'workflow.action.webhook'],
];

const eventNames = new Map([...subscribable, ...otherEvents].map(([name, type]) => [name, [type]]));
const names = new Map(
  [...subscribable, ...otherEvents]
    .filter(([name]) => name !== 'document.rejected')
    .map(([name, type]) => [type, name]),
);

/** A rejection has its own name, so that an endpoint can subscribe to rejections only; the data are the same (TG-17). */
const nameOf = ({ type, data }: DeliverableEvent): string | null =>
  type === 'document.assessed' && data.verdict === 'rejected'
    ? 'document.rejected'
    : (names.get(type) ?? null);

/** TrustGate: one envelope for all events except test.ping and workflow.action.webhook, and two signatures. */
export const trustgate: Dialect = {
  name: 'trustgate',
  eventNames,
  nameOf,
  body(event, destination) {
    if (event.type === 'endpoint.ping') return testPing(event, destination);
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
      // As GitHub signs: the body alone. Only x-webhook-signature protects against replays.
      'x-trustgate-signature': `sha256=${hex(body)}`,
    };
  },
  secretHeaders: [],
  schedule: standardSchedule,
  timeoutMs: 15_000,
};

/** A ping has its own envelope (TG-22). */
const testPing = ({ occurredAt, data }: DeliverableEvent, { endpointId }: DeliveryDestination) => ({
  event: 'test.ping',
  timestamp: occurredAt,
  data: { message: data.message, webhook_id: endpointId ?? data.endpointId },
});

/** An action has its own envelope with the workflow's fields, which cannot replace the fields of the envelope (TG-24). */
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

/** TrustGate's reviewers are people: an API key that acted has a name only. */
const personOf = ({ type, id }: Actor): string | null => (type === 'person' ? id : null);

/** Casewire's data in TrustGate's fields: the applicant is Casewire's case, TrustGate's case is Casewire's review. */
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
        resolved_by: personOf(data.resolvedBy as Actor),
        resolved_by_name: (data.resolvedBy as Actor).name,
        resolved_at: occurredAt,
      };
    default:
      // An event of TrustGate's teams already has TrustGate's fields.
      return data;
  }
}
