import { randomUUID } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { endpoint, incomingEvent } from '../../test/events.ts';
import { pin } from './delivery-builder.ts';
import { isOn, wantedVersion } from './matching.ts';

const subscribedTo = (...names: (string | [string, number])[]) => ({
  subscriptions: names.map((name) =>
    typeof name === 'string'
      ? { eventType: name, version: name === '*' ? null : 1, names: null }
      : { eventType: name[0], version: name[1], names: null },
  ),
});

describe('an endpoint gets an event', () => {
  test.each([
    ['to whose type it subscribed', {}, subscribedTo('thing.happened'), true],
    ['to whose type it subscribed beside others', {}, subscribedTo('a', 'thing.happened'), true],
    ['to whose type it did not subscribe', {}, subscribedTo('thing.else'), false],
    ['when it subscribed to nothing', {}, { subscriptions: [] }, false],
    ['when it subscribed to everything', { type: 'whatever' }, subscribedTo('*'), true],
    ['of the version it subscribed to', { version: 2 }, subscribedTo(['thing.happened', 2]), true],
    [
      'at the version it subscribed to, whatever was published',
      { version: 1 },
      subscribedTo(['thing.happened', 2]),
      true,
    ],
    ['of any version under *', { version: 7 }, subscribedTo('*'), true],
    ['of another organization', { organizationId: randomUUID() }, {}, false],
    ['of the other environment', { environment: 'production' }, {}, false],
    ['for another audience', { eventType: { audience: 'internal' as const } }, {}, false],
    [
      'for its own audience',
      { eventType: { audience: 'internal' as const } },
      { audience: 'internal' as const },
      true,
    ],
    ['for partners, being internal', {}, { audience: 'internal' as const }, false],
    ['while it is disabled, to have it later', {}, { enabled: false }, true],
    ['for which its dialect has no words', {}, { dialect: 'truenroll' as const }, false],
    [
      'for which its dialect has words',
      { type: 'case.extraction.failed' },
      { dialect: 'truenroll' as const },
      true,
    ],
  ])('%s', (_, event, over, expected) => {
    expect(wantedVersion(endpoint(over), incomingEvent(event)) !== null).toBe(expected);
  });
});

test('a delivery is pinned in the dialect of its endpoint, body and headers', () => {
  const event = incomingEvent({
    type: 'case.extraction.completed',
    data: { caseId: 'c-1', externalId: null, uploadId: 'u-1', secret: 'of ours' },
  });
  const pinned = pin('truenroll', event, { endpoint: endpoint() });
  expect(JSON.parse(pinned.body.toString())).toStrictEqual({
    eventName: 'case.extraction.completed',
    payload: { caseId: 'c-1', externalId: null, occurredAt: event.occurredAt },
  });
  expect(pinned).toMatchObject({ version: event.version, dialect: 'truenroll', fault: null });
  expect(pinned.headers).toMatchObject({ 'content-type': 'application/json' });
  expect(pin('casewire', event, { endpoint: endpoint() }).headers).toMatchObject({
    'casewire-upload-id': 'u-1',
  });
});

test('TW-25 an endpoint wants the version it subscribed to, and under * the one that is published', () => {
  const event = incomingEvent({ version: 3 });
  expect(wantedVersion(endpoint(subscribedTo(['thing.happened', 2])), event)).toBe(2);
  expect(wantedVersion(endpoint(subscribedTo('*')), event)).toBe(3);
});

test('of a type that a dialect has several names for only those come that are wanted', () => {
  const assessed = (verdict: string) =>
    incomingEvent({ type: 'document.assessed', data: { verdict } });
  const subscribed = endpoint({
    dialect: 'trustgate',
    subscriptions: [{ eventType: 'document.assessed', version: 1, names: ['document.rejected'] }],
  });
  expect(wantedVersion(subscribed, assessed('rejected'))).toBe(1);
  expect(wantedVersion(subscribed, assessed('verified'))).toBeNull();
});

test('what a filter does not let pass is not wanted', () => {
  const filtered = endpoint({
    filters: [{ path: 'result', operator: 'eq', value: 'failed' }],
  });
  expect(wantedVersion(filtered, incomingEvent({ data: { result: 'failed' } }))).toBe(1);
  expect(wantedVersion(filtered, incomingEvent({ data: { result: 'succeeded' } }))).toBeNull();
});

test('TG-21 a ping is for the endpoint that it names, whatever that subscribed to, and for no other', () => {
  const subscribed = endpoint({ subscriptions: [], audience: 'internal' });
  const ping = incomingEvent({
    type: 'endpoint.ping',
    data: { endpointId: subscribed.id, message: 'hello' },
  });
  expect(wantedVersion(subscribed, ping)).toBe(1);
  expect(wantedVersion(endpoint(), ping)).toBeNull();
});

test.each([
  ['TI-1', 'case.submitted', ['case.submitted'], false],
  ['TI-1', 'case.submitted', ['upload.received'], true],
  ['TI-4', 'case.completed', ['case.completed'], true],
])('%s whether %s is on where %j are turned off: %s', (_, type, eventsOff, expected) => {
  expect(isOn(incomingEvent({ type }), { eventsOff }, 'casewire')).toBe(expected);
});
