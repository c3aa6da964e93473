import { createHmac } from 'node:crypto';

import { Webhook } from 'standardwebhooks';
import { expect, test } from 'vitest';

import {
  standardWebhooks,
  trueworkToken,
  trustGateSignatures,
  truvSignature,
} from './verification.ts';

const secret = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
const body = Buffer.from('{"event_type":"case.created"}');
const changed = Buffer.from('{"event_type":"case.resolved"}');

test('the signature of Standard Webhooks is that of the body, and of no other body or secret', () => {
  const now = new Date();
  const headers = {
    'webhook-id': 'event-1',
    'webhook-timestamp': `${Math.floor(now.getTime() / 1000)}`,
    'webhook-signature': new Webhook(secret).sign('event-1', now, body.toString()),
  };
  const valid = (...request: Parameters<typeof standardWebhooks>) =>
    standardWebhooks(...request).valid;
  expect(valid(body, headers, secret)).toBe(true);
  expect(valid(changed, headers, secret)).toBe(false);
  expect(valid(body, headers, `whsec_${Buffer.alloc(32, 8).toString('base64')}`)).toBe(false);
  expect(valid(body, headers, '')).toBe(false);
  expect(valid(body, {}, secret)).toBe(false);
});

test('TrustGate’s signatures are those of the body under the text of the secret', () => {
  const now = new Date('2026-01-01T10:00:00.000Z');
  const hex = (text: string) => createHmac('sha256', secret).update(text).digest('hex');
  const headers = {
    'x-webhook-timestamp': '1767261600',
    'x-webhook-signature': hex(`1767261600.${body.toString()}`),
    'x-trustgate-signature': `sha256=${hex(body.toString())}`,
  };
  const valid = (...[of, all, key, at]: Parameters<typeof trustGateSignatures>) =>
    trustGateSignatures(of, all, key, at).map((one) => one.valid);
  expect(valid(body, headers, secret, now)).toEqual([true, true]);
  expect(valid(changed, headers, secret, now)).toEqual([false, false]);
  expect(valid(body, headers, secret.slice('whsec_'.length), now)).toEqual([false, false]);
  expect(valid(body, {}, secret, now)).toEqual([false, false]);
  // Only the first one protects against a request that is sent again later.
  const later = new Date(now.getTime() + 301_000);
  expect(valid(body, headers, secret, later)).toEqual([false, true]);
});

test('Truework’s token is that of the endpoint, and no other one, nor none', () => {
  const valid = (token: string | undefined, expected: string) =>
    trueworkToken(token === undefined ? {} : { 'x-truework-token': token }, expected).valid;
  expect(valid('token-1', 'token-1')).toBe(true);
  expect(valid('token-2', 'token-1')).toBe(false);
  expect(valid(undefined, 'token-1')).toBe(false);
  expect(valid('', '')).toBe(false);
});

test('Truv’s signature is that of the body under the text of the secret', () => {
  const hex = createHmac('sha256', secret).update(body).digest('hex');
  const valid = (of: Buffer, signature: string | undefined, key: string) =>
    truvSignature(of, signature === undefined ? {} : { 'x-webhook-sign': signature }, key).valid;
  expect(valid(body, `v1=${hex}`, secret)).toBe(true);
  expect(valid(changed, `v1=${hex}`, secret)).toBe(false);
  expect(valid(body, hex, secret)).toBe(false);
  expect(valid(body, `v1=${hex}`, secret.slice('whsec_'.length))).toBe(false);
  expect(valid(body, undefined, secret)).toBe(false);
});
