import { randomBytes } from 'node:crypto';

import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';

import { attemptHeaders } from './request.ts';
import { decodeSecret, encodeSecret, SecretInvalid } from './secret.ts';
import { sign } from './signature.ts';
import { VerificationFailed, verify } from './verification.ts';

const secret = randomBytes(32);
const at = (seconds: number) => ({ now: () => new Date(seconds * 1000) });
const body = Buffer.from('{"n":1}');
const headers = (overrides = {}) => ({
  ...attemptHeaders({
    eventId: 'e1',
    body,
    timestamp: 1_700_000_000,
    sequence: { number: 7, previousId: 'e0', gap: 0 },
    replay: null,
    secrets: [secret],
  }),
  ...overrides,
});

test('the published vector of Standard Webhooks comes out', () => {
  const known = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: 1_614_265_330,
    body: Buffer.from('{"test": 2432232314}'),
  };
  expect(sign(known, [decodeSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')])).toBe(
    'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=',
  );
});

test('the official library verifies what we sign, and we verify what it signs', () => {
  const official = new Webhook(encodeSecret(secret));
  const now = Math.floor(Date.now() / 1000);
  const ours = attemptHeaders({
    eventId: 'e1',
    body,
    timestamp: now,
    sequence: null,
    replay: null,
    secrets: [secret],
  });
  expect(official.verify(body.toString(), ours)).toEqual({ n: 1 });
  const theirs = {
    'webhook-id': 'e2',
    'webhook-timestamp': `${now}`,
    'webhook-signature': official.sign('e2', new Date(now * 1000), body.toString()),
  };
  expect(verify(body, theirs, [secret])).toEqual({ id: 'e2', timestamp: now });
});

test('the place in the lane is verified with the body', () => {
  expect(verify(body, headers(), [secret], at(1_700_000_000))).toEqual({
    id: 'e1',
    timestamp: 1_700_000_000,
    sequence: { number: 7, previousId: 'e0', gap: 0 },
  });
});

test('while a secret is rotated either of the two verifies', () => {
  const next = randomBytes(32);
  const both = attemptHeaders({
    eventId: 'e1',
    body,
    timestamp: 1_700_000_000,
    sequence: null,
    replay: null,
    secrets: [next, secret],
  });
  for (const known of [secret, next]) {
    expect(verify(body, both, [known], at(1_700_000_000)).id).toBe('e1');
  }
});

test.each([
  ['another body', Buffer.from('{"n":2}'), {}, 'SIGNATURE_MISMATCH'],
  ['another id', body, { 'webhook-id': 'e9' }, 'SIGNATURE_MISMATCH'],
  ['another sequence', body, { 'webhook-sequence': '8' }, 'SIGNATURE_MISMATCH'],
  ['another previous event', body, { 'webhook-previous-id': 'e5' }, 'SIGNATURE_MISMATCH'],
  ['no signature', body, { 'webhook-signature': undefined }, 'HEADER_MISSING'],
  ['a timestamp in words', body, { 'webhook-timestamp': 'now' }, 'TIMESTAMP_INVALID'],
])('%s is refused', (_, bytes, overrides, code) => {
  const attempt = () => verify(bytes, headers(overrides), [secret], at(1_700_000_000));
  expect(attempt).toThrow(expect.objectContaining({ code }));
});

test.each([
  [1_700_000_301, 'TIMESTAMP_TOO_OLD'],
  [1_699_999_699, 'TIMESTAMP_IN_THE_FUTURE'],
])('at %d a request of 1700000000 is refused: %s', (now, code) => {
  const attempt = () => verify(body, headers(), [secret], at(now));
  expect(attempt).toThrow(VerificationFailed);
  expect(attempt).toThrow(expect.objectContaining({ code }));
});

test.each(['whsec_', 'whsec_c2hvcnQ=', 'whsec_%%%%'])('%s is no secret', (text) => {
  expect(() => decodeSecret(text)).toThrow(SecretInvalid);
});
