import { randomUUID } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { endpoint, incomingEvent } from '../testing/events.ts';
import { matches, pin } from './matching.ts';

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
    ['of another version', { version: 1 }, subscribedTo(['thing.happened', 2]), false],
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
    expect(matches(endpoint(over), incomingEvent(event))).toBe(expected);
  });
});

test('a delivery is pinned in the dialect of its endpoint, body and headers', () => {
  const event = incomingEvent({
    type: 'case.extraction.completed',
    data: { caseId: 'c-1', externalId: null, uploadId: 'u-1', secret: 'of ours' },
  });
  const pinned = pin(endpoint({ dialect: 'truenroll' }), event);
  expect(JSON.parse(pinned.body.toString())).toStrictEqual({
    eventName: 'case.extraction.completed',
    payload: { caseId: 'c-1', externalId: null, occurredAt: event.occurredAt },
  });
  expect(pinned).toMatchObject({ version: event.version, dialect: 'truenroll', fault: null });
  expect(pinned.headers).toMatchObject({ 'content-type': 'application/json' });
  expect(pin(endpoint(), event).headers).toMatchObject({ 'casewire-upload-id': 'u-1' });
});
