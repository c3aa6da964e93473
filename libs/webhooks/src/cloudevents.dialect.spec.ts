import { HTTP, type CloudEvent } from 'cloudevents';
import { expect, test } from 'vitest';

import { requestOf } from '../test/golden/golden-request.ts';
import { sampleEvent } from '../test/golden/sample-event.ts';
import { sampleEvents } from '../test/golden/sample-events.ts';
import { cloudevents, headerValue } from './cloudevents.dialect.ts';

const parsed = (label: string) => {
  const { headers, body } = requestOf(cloudevents, sampleEvents.get(label)!, 1);
  return HTTP.toEvent({ headers, body: body.toString() }) as CloudEvent<Record<string, unknown>>;
};

test.each([...sampleEvents.keys()])('the official SDK parses %s as a CloudEvent', (label) => {
  const event = sampleEvents.get(label)!;
  const received = parsed(label);
  expect(received.validate()).toBe(true);
  expect(received).toMatchObject({
    specversion: '1.0',
    id: event.id,
    source: `/casewire/${event.organizationId}`,
    type: event.type,
    time: event.occurredAt,
    datacontenttype: 'application/json',
    dataschemaversion: '1',
    environment: event.environment,
    data: event.data,
  });
});

test('an attribute that an event does not have is not sent', () => {
  const { headers } = requestOf(cloudevents, sampleEvent('thing.happened', {}), 1);
  expect(Object.keys(headers).filter((name) => name.startsWith('ce-'))).toEqual([
    'ce-specversion',
    'ce-id',
    'ce-source',
    'ce-type',
    'ce-time',
    'ce-dataschemaversion',
    'ce-organization',
    'ce-environment',
  ]);
});

test('feature, subject and correlation id are sent as attributes', () => {
  expect(parsed('case.extraction.completed').feature).toBe('extraction');
  expect(parsed('applicant.submitted').correlationid).toBe('trace-7');
  expect(parsed('case.completed').subject).toBe(sampleEvents.get('case.completed')!.data.caseId);
});

test.each([
  // The example from the specification.
  ['Euro € 😀', 'Euro%20%E2%82%AC%20%F0%9F%98%80'],
  ['say "50%"', 'say%20%2250%25%22'],
  ['line\r\nbreak\u007f', 'line%0D%0Abreak%7F'],
  ['plain-!#$&~', 'plain-!#$&~'],
  ['half \ud800', 'half%20%EF%BF%BD'],
])('%j is written as %s in a header', (value, header) => {
  expect(headerValue(value)).toBe(header);
  expect(decodeURIComponent(header)).toBe(value.toWellFormed());
});
