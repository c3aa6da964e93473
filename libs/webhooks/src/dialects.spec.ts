import { expect, test } from 'vitest';

import type { DeliverableEvent } from './dialect.ts';
import { dialects } from './dialects.ts';
import { encodeBody, fixedHeaders } from './request.ts';

const addressee = { endpointId: 'e' };
const event: DeliverableEvent = {
  id: '0f8fad5b-d9cb-569f-a165-70867728950e',
  type: 'case.extraction.completed',
  version: 1,
  organizationId: 'o',
  environment: 'production',
  occurredAt: '2025-06-22T10:30:00.000Z',
  feature: 'extraction',
  subject: null,
  correlationId: null,
  data: {
    caseId: '6850abc1',
    externalId: 'applicant-9876',
    uploadId: 'u1',
    occurredAt: '2025-06-22T10:30:00.000Z',
  },
};

test.each(['casewire', 'truenroll'] as const)(
  'TE-16 %s: the envelope holds exactly eventName, caseId, externalId and occurredAt',
  (name) => {
    expect(String(encodeBody(dialects[name], event, addressee))).toBe(
      '{"eventName":"case.extraction.completed","payload":{"caseId":"6850abc1","externalId":"applicant-9876","occurredAt":"2025-06-22T10:30:00.000Z"}}',
    );
  },
);

test('TE-19 a case that was submitted without an externalId says null', () => {
  const without = { ...event, data: { ...event.data, externalId: null } };
  expect(
    JSON.parse(String(encodeBody(dialects.truenroll, without, addressee))).payload.externalId,
  ).toBeNull();
});

test('the truenroll dialect has no words for events that TruEnroll does not have', () => {
  const failed = { ...event, type: 'case.translation.failed' };
  const submitted = { ...event, type: 'case.submitted' };
  expect(dialects.truenroll.nameOf(failed)).toBe('case.translation.failed');
  expect(dialects.truenroll.nameOf(submitted)).toBeNull();
  expect(dialects.casewire.nameOf(submitted)).toBe('case.submitted');
});

test('the casewire dialect puts the data of other events in the payload', () => {
  const other = {
    ...event,
    type: 'case.completed',
    data: { caseId: 'c', externalId: null, result: 'succeeded' },
  };
  expect(JSON.parse(String(encodeBody(dialects.casewire, other, addressee)))).toEqual({
    eventName: 'case.completed',
    payload: { caseId: 'c', externalId: null, result: 'succeeded', occurredAt: event.occurredAt },
  });
});

test('casewire tells two uploads of one case apart by a header, as their bodies look alike', () => {
  expect(fixedHeaders(dialects.casewire, event)['casewire-upload-id']).toBe('u1');
});
