import { DialectName } from '@casewire/contracts';
import { expect, test } from 'vitest';

import { requestOf, token } from '../test/golden/golden-request.ts';
import { sampleEvents } from '../test/golden/sample-events.ts';
import type { Dialect } from './dialect.ts';
import { dialects } from './dialects.ts';

const ping = sampleEvents.get('endpoint.ping')!;

test.each(DialectName.options)('%s is registered under its name', (name) => {
  expect(dialects[name].name).toBe(name);
});

test.each(DialectName.options)('%s: a ping can be sent, with the webhook-* headers', (name) => {
  expect(dialects[name].nameOf(ping)).toBeTypeOf('string');
  expect(requestOf(dialects[name], ping, 1).headers).toMatchObject({
    'content-type': 'application/json',
    'webhook-id': ping.id,
    'webhook-timestamp': expect.stringMatching(/^\d+$/),
    'webhook-signature': expect.stringMatching(/^v1,/),
    'webhook-sequence': '2',
    'webhook-sequence-signature': expect.stringMatching(/^v1,/),
  });
});

test.each(DialectName.options)(
  '%s: every name that it sends is in eventNames, with the event type',
  (name) => {
    const dialect = dialects[name];
    for (const event of sampleEvents.values()) {
      const own = dialect.nameOf(event);
      if (own === null || event.type === 'endpoint.ping') continue;
      expect(dialect.eventNames?.get(own) ?? [event.type]).toContain(event.type);
    }
  },
);

test.each(DialectName.options)(
  '%s: header names are in lower case and values are printable ASCII',
  (name) => {
    for (const event of sampleEvents.values()) {
      if (dialects[name].nameOf(event) === null) continue;
      for (const [header, value] of Object.entries(requestOf(dialects[name], event, 1).headers)) {
        expect(header).toMatch(/^[a-z0-9-]+$/);
        expect(value).toMatch(/^[\x20-\x7e]+$/);
      }
    }
  },
);

/** Headers that carry the endpoint's token although the dialect does not list them as secret. */
const unmaskedTokens = (dialect: Dialect): string[] =>
  Array.from(sampleEvents.values(), (event) => requestOf(dialect, event, 1).headers)
    .flatMap((headers) => Object.entries(headers))
    .filter(([name, value]) => value.includes(token) && !dialect.secretHeaders.includes(name))
    .map(([name]) => name);

test.each(DialectName.options)('%s: every header that carries the token is secret', (name) => {
  expect(unmaskedTokens(dialects[name])).toEqual([]);
});

test('a dialect that does not list the header of its token is found', () => {
  expect(unmaskedTokens({ ...dialects.truework, secretHeaders: [] })).toContain('x-truework-token');
});

test.each([
  ['casewire', 9, 15_000],
  ['truenroll', 9, 15_000],
  ['truework', 24, 15_000],
  ['trustgate', 9, 15_000],
  ['truv', 9, 10_000],
  ['trustid', 2, 5000],
  ['cloudevents', 9, 15_000],
] as const)('%s: %d retries, each attempt within %d ms', (name, retries, timeoutMs) => {
  expect(dialects[name].schedule.delays).toHaveLength(retries);
  expect(dialects[name].timeoutMs).toBe(timeoutMs);
});
