import { randomUUID } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { endpoint, incomingEvent } from '../../test/events.ts';
import { pin } from './delivery-builder.ts';
import { isTurnedOn, subscribedVersion } from './matching.ts';

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
    ['to whose type it subscribed among others', {}, subscribedTo('a', 'thing.happened'), true],
    ['to whose type it did not subscribe', {}, subscribedTo('thing.else'), false],
    ['when it subscribed to nothing', {}, { subscriptions: [] }, false],
    ['when it subscribed to everything', { type: 'whatever' }, subscribedTo('*'), true],
    ['of the version it subscribed to', { version: 2 }, subscribedTo(['thing.happened', 2]), true],
    [
      'in the version it subscribed to, whatever version was published',
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
    ['for partners, if it is internal itself', {}, { audience: 'internal' as const }, false],
    ['while it is disabled, to be delivered later', {}, { enabled: false }, true],
    ['for which its dialect has no name', {}, { dialect: 'truenroll' as const }, false],
    [
      'for which its dialect has a name',
      { type: 'case.extraction.failed' },
      { dialect: 'truenroll' as const },
      true,
    ],
  ])('%s', (_, event, over, expected) => {
    expect(subscribedVersion(endpoint(over), incomingEvent(event)) !== null).toBe(expected);
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

test('TW-25 an endpoint gets the version it subscribed to, and with * the published one', () => {
  const event = incomingEvent({ version: 3 });
  expect(subscribedVersion(endpoint(subscribedTo(['thing.happened', 2])), event)).toBe(2);
  expect(subscribedVersion(endpoint(subscribedTo('*')), event)).toBe(3);
});

test('if a dialect has several names for a type, only the subscribed names match', () => {
  const assessed = (verdict: string) =>
    incomingEvent({ type: 'document.assessed', data: { verdict } });
  const subscribed = endpoint({
    dialect: 'trustgate',
    subscriptions: [{ eventType: 'document.assessed', version: 1, names: ['document.rejected'] }],
  });
  expect(subscribedVersion(subscribed, assessed('rejected'))).toBe(1);
  expect(subscribedVersion(subscribed, assessed('verified'))).toBeNull();
});

test('an event that a filter excludes does not match', () => {
  const filtered = endpoint({
    filters: [{ path: 'result', operator: 'eq', value: 'failed' }],
  });
  expect(subscribedVersion(filtered, incomingEvent({ data: { result: 'failed' } }))).toBe(1);
  expect(subscribedVersion(filtered, incomingEvent({ data: { result: 'succeeded' } }))).toBeNull();
});

test('TG-21 a ping matches only the endpoint in its data, whatever that subscribed to', () => {
  const subscribed = endpoint({ subscriptions: [], audience: 'internal' });
  const ping = incomingEvent({
    type: 'endpoint.ping',
    data: { endpointId: subscribed.id, message: 'hello' },
  });
  expect(subscribedVersion(subscribed, ping)).toBe(1);
  expect(subscribedVersion(endpoint(), ping)).toBeNull();
});

test.each([
  ['TI-1', 'case.submitted', ['case.submitted'], false],
  ['TI-1', 'case.submitted', ['upload.received'], true],
  ['TI-4', 'case.completed', ['case.completed'], true],
])('%s whether %s is turned on when %j are turned off: %s', (_, type, eventsOff, expected) => {
  expect(isTurnedOn(incomingEvent({ type }), { eventsOff }, 'casewire')).toBe(expected);
});
