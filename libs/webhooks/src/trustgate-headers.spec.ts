import { createHmac } from 'node:crypto';

import { expect, test } from 'vitest';

import { endpointId, firstSentAt, requestOf, secret } from '../test/golden/golden-request.ts';
import { sampleEvents } from '../test/golden/sample-events.ts';
import type { DeliverableEvent } from './dialect.ts';
import { encodeBody } from './request.ts';
import { encodeSecret } from './secret.ts';
import { trustgate } from './trustgate.dialect.ts';

const named = (label: string): DeliverableEvent => sampleEvents.get(label)!;
/** The HMAC key of a receiver: the text of the secret. */
const shown = encodeSecret(secret);

const everyKind = ['review.resolved.by-key', 'endpoint.ping', 'workflow.action.webhook'];

test.each(everyKind)('TG-25 the content-type of %s is application/json', (label) => {
  expect(requestOf(trustgate, named(label), 1).headers['content-type']).toBe('application/json');
});

test.each(everyKind)(
  'TG-26 X-Webhook-Signature of %s is the hex HMAC-SHA256 of {timestamp}.{payload}',
  (label) => {
    const { headers, body } = requestOf(trustgate, named(label), 1);
    const payload = `${headers['x-webhook-timestamp']}.${body.toString('utf8')}`;
    const expected = createHmac('sha256', shown).update(payload, 'utf8').digest('hex');
    expect(headers['x-webhook-signature']).toBe(expected);
  },
);

test('TG-27 X-Webhook-Timestamp is the Unix time of the attempt, in seconds', () => {
  const [first, second] = [1, 2].map(
    (n) => requestOf(trustgate, named('review.resolved.by-key'), n as 1 | 2).headers,
  );
  expect(first!['x-webhook-timestamp']).toBe(`${Math.floor(firstSentAt.getTime() / 1000)}`);
  expect(Number(second!['x-webhook-timestamp'])).toBe(Number(first!['x-webhook-timestamp']) + 300);
  expect(second!['x-webhook-signature']).not.toBe(first!['x-webhook-signature']);
});

test.each(everyKind)(
  'TG-28 X-TrustGate-Signature of %s is sha256= and the hex HMAC-SHA256 of the body, as GitHub signs',
  (label) => {
    const { headers, body } = requestOf(trustgate, named(label), 1);
    const expected = `sha256=${createHmac('sha256', shown).update(body).digest('hex')}`;
    expect(headers['x-trustgate-signature']).toBe(expected);
  },
);

test('TG-29 User-Agent is TrustGate-Webhook/1.0', () => {
  expect(requestOf(trustgate, named('review.resolved.by-key'), 1).headers['user-agent']).toBe(
    'TrustGate-Webhook/1.0',
  );
});

test('no request can be made without a secret', () => {
  const body = encodeBody(trustgate, named('review.resolved.by-key'), { endpointId });
  const attempt = { sentAt: firstSentAt } as Parameters<
    NonNullable<typeof trustgate.attemptHeaders>
  >[1];
  expect(() => trustgate.attemptHeaders!(body, attempt, { secrets: [], token: null })).toThrow(
    expect.objectContaining({ code: 'SIGNING_SECRET_MISSING' }),
  );
});

test('during a rotation the new secret signs', () => {
  const next = Buffer.alloc(32, 7);
  const body = encodeBody(trustgate, named('review.resolved.by-key'), { endpointId });
  const attempt = { sentAt: firstSentAt } as Parameters<
    NonNullable<typeof trustgate.attemptHeaders>
  >[1];
  const credentials = { secrets: [next, secret], token: null };
  const headers = trustgate.attemptHeaders!(body, attempt, credentials);
  const expected = createHmac('sha256', encodeSecret(next)).update(body).digest('hex');
  expect(headers['x-trustgate-signature']).toBe(`sha256=${expected}`);
});
