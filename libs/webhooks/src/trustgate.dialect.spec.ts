import { expect, test } from 'vitest';

import { endpointId, requestOf } from '../test/golden/golden-request.ts';
import { sampleEvent } from '../test/golden/sample-event.ts';
import { sampleEvents } from '../test/golden/sample-events.ts';
import type { DeliverableEvent } from './dialect.ts';
import { trustgate } from './trustgate.dialect.ts';

type Json = Record<string, unknown>;
const named = (label: string): DeliverableEvent => sampleEvents.get(label)!;
const envelopeOf = (event: DeliverableEvent) =>
  JSON.parse(requestOf(trustgate, event, 1).body.toString()) as Json & { data: Json };

const summary = [
  'applicant.submitted',
  'applicant.reviewed',
  'applicant.verification_complete',
  'screening.completed',
  'document.verified',
  'case.created',
  'session.completed',
  'test.ping',
  'workflow.action.webhook',
];
const subscribable = [
  'applicant.created',
  'applicant.updated',
  'applicant.approved',
  'applicant.rejected',
  'applicant.withdrawn',
  'document.uploaded',
  'document.verified',
  'document.rejected',
  'screening.started',
  'screening.completed',
  'screening.hit',
  'case.created',
  'case.resolved',
  'case.assigned',
];

test('TG-2 TG-3 TG-4 TG-5 TG-6 TG-7 the envelope has the six documented fields in their order', () => {
  const submitted = named('applicant.submitted');
  expect(requestOf(trustgate, submitted, 1).body.toString()).toBe(
    JSON.stringify({
      event_type: 'applicant.submitted',
      event_id: submitted.id,
      timestamp: submitted.occurredAt,
      tenant_id: submitted.organizationId,
      correlation_id: 'trace-7',
      data: submitted.data,
    }),
  );
});

test('TG-2 event_type is the name of the event', () => {
  for (const event of sampleEvents.values()) {
    const name = trustgate.nameOf(event);
    if (name === null || name === 'test.ping' || name === 'workflow.action.webhook') continue;
    expect(envelopeOf(event).event_type).toBe(name);
  }
});

test('TG-3 event_id is a UUID that is the same in every attempt', () => {
  const [first, second] = [1, 2].map((attempt) =>
    requestOf(trustgate, named('review.assigned'), attempt as 1 | 2),
  );
  expect(first!.body.equals(second!.body)).toBe(true);
  expect(envelopeOf(named('review.assigned')).event_id).toMatch(
    /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/,
  );
});

test('TG-4 timestamp is the time at which the event was created, in ISO 8601', () => {
  expect(envelopeOf(named('review.opened.manual')).timestamp).toBe('2026-02-04T14:08:00.000Z');
});

test('TG-5 tenant_id is the organization', () => {
  expect(envelopeOf(named('upload.received')).tenant_id).toBe(
    'a1b2c3d4-e5f6-4890-abcd-ef1234567890',
  );
});

test('TG-6 correlation_id is the publisher’s correlation id, or null', () => {
  expect(envelopeOf(named('applicant.submitted')).correlation_id).toBe('trace-7');
  expect(envelopeOf(named('applicant.reviewed')).correlation_id).toBeNull();
});

test('TG-7 data is an object with the data of the event', () => {
  const kinds = [...sampleEvents.values()].filter(
    ({ type, ...event }) =>
      type !== 'workflow.action.webhook' && trustgate.nameOf({ type, ...event }) !== null,
  );
  expect(kinds.length).toBeGreaterThan(10);
  for (const event of kinds) expect(envelopeOf(event).data).toBeTypeOf('object');
});

test('TG-9 all nine events of the summary can be sent', () => {
  const sent = new Set(Array.from(sampleEvents.values(), (event) => trustgate.nameOf(event)));
  expect(summary.filter((name) => !sent.has(name))).toEqual([]);
  expect(summary.filter((name) => !trustgate.eventNames!.has(name))).toEqual([]);
});

test('TG-10 the names are the fourteen subscribable names, those of the summary, and no others', () => {
  expect([...trustgate.eventNames!.keys()].toSorted()).toEqual(
    [...new Set([...subscribable, ...summary])].toSorted(),
  );
});

test('TG-10 every name is sent for an event of its event types', () => {
  for (const [name, types] of trustgate.eventNames!) {
    const made = [...sampleEvents.values()].filter((event) => trustgate.nameOf(event) === name);
    expect(made.map(({ type }) => type)).toEqual(expect.arrayContaining([...types]));
  }
});

test('TG-13 applicant.submitted has the documented data', () => {
  expect(Object.keys(envelopeOf(named('applicant.submitted')).data)).toEqual([
    'applicant_id',
    'external_id',
    'status',
    'submitted_at',
    'documents_count',
    'steps_completed',
  ]);
});

test('TG-14 applicant.reviewed has the documented data', () => {
  expect(Object.keys(envelopeOf(named('applicant.reviewed')).data)).toEqual([
    'applicant_id',
    'external_id',
    'status',
    'risk_score',
    'risk_level',
    'review_decision',
    'reviewed_by',
    'reviewed_at',
    'flags',
  ]);
});

test('TG-15 applicant.verification_complete has sandbox only in the sandbox', () => {
  const keys = Object.keys(envelopeOf(named('applicant.verification_complete')).data);
  expect(keys).toEqual([
    'applicant_id',
    'external_id',
    'status',
    'biometrics_verified',
    'screening_status',
    'risk_level',
    'verification_results',
  ]);
  expect(envelopeOf(named('applicant.verification_complete.sandbox')).data.sandbox).toBe(true);
});

test('TG-16 screening.completed has the documented data', () => {
  expect(Object.keys(envelopeOf(named('screening.completed')).data)).toEqual([
    'applicant_id',
    'external_id',
    'screening_check_id',
    'status',
    'hit_count',
    'check_types',
    'list_version',
    'completed_at',
  ]);
});

test.each([
  ['verified', 'document.verified'],
  ['review', 'document.verified'],
  ['rejected', 'document.rejected'],
])('part of TG-17: a document that is assessed as %s is a %s with that status', (verdict, name) => {
  const event = named(`document.assessed.${verdict}`);
  const { event_type: type, data } = envelopeOf(event);
  expect(type).toBe(name);
  expect(data.status).toBe(verdict);
  expect(Object.entries(data)).toEqual([
    ['applicant_id', event.data.caseId],
    ['external_id', 'applicant-9876'],
    ['document_id', event.data.uploadId],
    ['document_type', 'passport'],
    ['status', verdict],
    ['ocr_confidence', event.data.ocrConfidence],
    ['fraud_signals', event.data.fraudSignals],
    ['security_features_detected', ['mrz_valid']],
    ['verified_at', event.occurredAt],
  ]);
});

test.each([
  ['unprocessable', true],
  ['low_confidence', true],
  ['fields_missing', true],
  ['verdict', true],
  ['manual', false],
])(
  'part of TG-18: a review with the cause %s is sent as case.created with auto_created %s',
  (cause, auto) => {
    const event = named(`review.opened.${cause}`);
    expect(Object.entries(envelopeOf(event).data)).toEqual([
      ['applicant_id', event.data.caseId],
      ['external_id', 'applicant-9876'],
      ['case_id', event.data.reviewId],
      ['case_type', 'document_review'],
      ['priority', 'high'],
      ['reason', 'The document could not be read'],
      ['auto_created', auto],
      ['created_at', event.occurredAt],
    ]);
  },
);

test('case.resolved has the person who resolved the review; an API key has a name only', () => {
  const data = (label: string) => envelopeOf(named(label)).data;
  const { caseId, reviewId } = named('review.resolved.by-key').data;
  expect(Object.entries(data('review.resolved.by-key'))).toEqual([
    ['applicant_id', caseId],
    ['external_id', 'applicant-9876'],
    ['case_id', reviewId],
    ['resolution', 'approved'],
    ['resolved_by', null],
    ['resolved_by_name', 'Back office'],
    ['resolved_at', '2026-02-04T14:08:00.000Z'],
  ]);
  expect(data('review.resolved.by-person')).toMatchObject({
    resolution: 'more_requested',
    resolved_by: 'd4e5f6a7-b8c9-4123-9ef0-456789012345',
    resolved_by_name: 'Rosa Díaz',
  });
});

test.each([
  'case.canceled',
  'case.action_required',
  'case.refresh.completed',
  'case.refresh.failed',
  'document.revised',
  'case.revised',
])('TrustGate has no name for %s', (label) => {
  expect(trustgate.nameOf(named(label))).toBeNull();
});

test('TG-19 session.completed has the documented data', () => {
  expect(Object.keys(envelopeOf(named('session.completed')).data)).toEqual([
    'session_id',
    'applicant_id',
    'status',
    'completed_at',
    'completion_data',
  ]);
});

test('TG-21 TG-22 a ping is sent as test.ping in its own envelope', () => {
  expect(trustgate.nameOf(named('endpoint.ping'))).toBe('test.ping');
  expect(requestOf(trustgate, named('endpoint.ping'), 1).body.toString()).toBe(
    JSON.stringify({
      event: 'test.ping',
      timestamp: '2026-02-04T14:08:00.000Z',
      data: { message: 'This is a test webhook delivery from Casewire', webhook_id: endpointId },
    }),
  );
});

test('TG-24 workflow.action.webhook has its own envelope with the fields of the workflow', () => {
  const event = named('workflow.action.webhook');
  expect(requestOf(trustgate, event, 1).body.toString()).toBe(
    JSON.stringify({
      event: 'workflow.action.webhook',
      timestamp: event.occurredAt,
      tenant_id: event.organizationId,
      workflow_execution_id: event.data.workflow_execution_id,
      applicant: event.data.applicant,
      team_note: 'a field of the workflow',
    }),
  );
});

test('TG-24 a field of the workflow cannot replace a field of the envelope', () => {
  const event = named('workflow.action.webhook');
  const forged = { ...event.data, tenant_id: 'another', event: 'x', timestamp: 'y' };
  expect(trustgate.body(sampleEvent(event.type, forged), { endpointId: null })).toMatchObject({
    event: 'workflow.action.webhook',
    timestamp: event.occurredAt,
    tenant_id: event.organizationId,
  });
});
