import { expect, test } from 'vitest';

import { sampleEvents } from '../test/golden/sample-events.ts';
import { casewire } from './casewire.dialect.ts';
import { encodeBody, fixedHeaders } from './request.ts';

const bodyOf = (label: string) =>
  JSON.parse(
    String(encodeBody(casewire, sampleEvents.get(label)!, { endpointId: null })),
  ) as unknown;

test('an event that TruEnroll does not have carries its data in the payload', () => {
  const { data, occurredAt } = sampleEvents.get('case.completed')!;
  expect(bodyOf('case.completed')).toEqual({
    eventName: 'case.completed',
    payload: { ...data, occurredAt },
  });
});

test.each([
  'document.assessed.rejected',
  'review.opened.manual',
  'review.resolved.by-person',
  'case.action_required',
  'case.canceled',
  'case.refresh.failed',
])('%s carries its data as they are', (label) => {
  const { type, data } = sampleEvents.get(label)!;
  expect(bodyOf(label)).toEqual({ eventName: type, payload: data });
});

test('a ping carries its message and the id of its endpoint', () => {
  expect(bodyOf('endpoint.ping')).toEqual({
    eventName: 'endpoint.ping',
    payload: {
      endpointId: 'c0ffee00-0000-4000-8000-000000000001',
      message: 'This is a test webhook delivery from Casewire',
      occurredAt: '2026-02-04T14:08:00.000Z',
    },
  });
});

test('a header distinguishes two uploads of one case, whose bodies can be identical', () => {
  const event = sampleEvents.get('case.extraction.completed')!;
  expect(fixedHeaders(casewire, event)['casewire-upload-id']).toBe(event.data.uploadId);
});
