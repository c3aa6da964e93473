import { randomBytes } from 'node:crypto';

import { assert, constantFrom, dictionary, nat, property, string, uint8Array } from 'fast-check';
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

test('the signature equals the test vector of Standard Webhooks', () => {
  const known = {
    id: 'msg_p5jXN8AQM9LWM0D4loKWxJek',
    timestamp: 1_614_265_330,
    body: Buffer.from('{"test": 2432232314}'),
  };
  const published = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';
  expect(sign(known, [decodeSecret('whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw')])).toBe(published);
  const received = {
    'webhook-id': known.id,
    'webhook-timestamp': `${known.timestamp}`,
    'webhook-signature': published,
  };
  expect(
    verify(known.body, received, 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw', at(known.timestamp)),
  ).toEqual({ id: known.id, timestamp: known.timestamp });
});

test('the official library verifies our signatures, and we verify its signatures', () => {
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

test('the position in the lane is verified together with the body', () => {
  expect(verify(body, headers(), [secret], at(1_700_000_000))).toEqual({
    id: 'e1',
    timestamp: 1_700_000_000,
    sequence: { number: 7, previousId: 'e0', gap: 0 },
  });
});

test('during a rotation a request verifies with either secret', () => {
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

test('header names are case-insensitive, and headers of fetch are accepted', () => {
  const now = at(1_700_000_000);
  const shouted = Object.fromEntries(
    Object.entries<string>(headers()).map(([name, value]) => [name.toUpperCase(), value]),
  );
  const expected = verify(body, headers(), [secret], now);
  expect(verify(body, shouted, secret, now)).toEqual(expected);
  expect(verify(body, new Headers(headers()), secret, now)).toEqual(expected);
});

test('a body can be a Buffer, a Uint8Array or a string, a secret its text or its bytes', () => {
  const accented = Buffer.from('{"name":"Muñoz"}');
  const signed = attemptHeaders({
    eventId: 'e1',
    body: accented,
    timestamp: 1_700_000_000,
    sequence: null,
    replay: null,
    secrets: [secret],
  });
  for (const raw of [accented, new Uint8Array(accented), accented.toString()]) {
    for (const known of [secret, encodeSecret(secret), [randomBytes(32), encodeSecret(secret)]]) {
      expect(verify(raw, signed, known, at(1_700_000_000)).id).toBe('e1');
    }
  }
});

test('the signature of the position covers the gap', () => {
  const gapped = attemptHeaders({
    eventId: 'e9',
    body,
    timestamp: 1_700_000_000,
    sequence: { number: 9, previousId: 'e8', gap: 2 },
    replay: null,
    secrets: [secret],
  });
  expect(verify(body, gapped, secret, at(1_700_000_000)).sequence?.gap).toBe(2);
  for (const forged of [{ 'webhook-gap': '3' }, { 'webhook-gap': '0' }]) {
    expect(() => verify(body, { ...gapped, ...forged }, secret, at(1_700_000_000))).toThrow(
      expect.objectContaining({ code: 'SIGNATURE_MISMATCH' }),
    );
  }
});

test('requireSequence refuses a request without a position in a lane', () => {
  const bare = headers();
  for (const name of Object.keys(bare)) {
    if (name.startsWith('webhook-sequence') || name === 'webhook-previous-id') {
      Reflect.deleteProperty(bare, name);
    }
  }
  const now = at(1_700_000_000);
  expect(verify(body, bare, secret, now).sequence).toBeUndefined();
  expect(() => verify(body, bare, secret, { ...now, requireSequence: true })).toThrow(
    expect.objectContaining({ code: 'SEQUENCE_MISSING' }),
  );
});

test('a parsed body is refused', () => {
  const attempt = () => verify({ n: 1 } as unknown as string, headers(), secret);
  expect(attempt).toThrow(expect.objectContaining({ code: 'BODY_NOT_RAW' }));
});

test('without a secret the verification fails', () => {
  expect(() => verify(body, headers(), [])).toThrow(
    expect.objectContaining({ code: 'SECRET_MISSING' }),
  );
});

test.each([
  ['another body', Buffer.from('{"n":2}'), {}, 'SIGNATURE_MISMATCH'],
  ['another id', body, { 'webhook-id': 'e9' }, 'SIGNATURE_MISMATCH'],
  ['another sequence', body, { 'webhook-sequence': '8' }, 'SIGNATURE_MISMATCH'],
  ['another previous event', body, { 'webhook-previous-id': 'e5' }, 'SIGNATURE_MISMATCH'],
  ['no signature', body, { 'webhook-signature': undefined }, 'HEADER_MISSING'],
  [
    'a position without its signature',
    body,
    { 'webhook-sequence-signature': '' },
    'HEADER_MISSING',
  ],
  ['a signature of another scheme', body, { 'webhook-signature': 'v2,AAAA' }, 'SIGNATURE_MISMATCH'],
  ['two ids', body, { 'Webhook-Id': 'e1' }, 'HEADER_REPEATED'],
  ['two signatures', body, { 'webhook-signature': ['v1,a', 'v1,b'] }, 'HEADER_REPEATED'],
  ['a sequence in words', body, { 'webhook-sequence': 'seven' }, 'SEQUENCE_INVALID'],
  ['a negative gap', body, { 'webhook-gap': '-1' }, 'SEQUENCE_INVALID'],
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

test.each(['whsec_', 'whsec_c2hvcnQ=', 'whsec_%%%%'])('%s is not a valid secret', (text) => {
  expect(() => decodeSecret(text)).toThrow(SecretInvalid);
});

test('a body with one changed byte is refused', () => {
  const signed = headers();
  assert(
    property(nat(body.length - 1), nat(254), (place, by) => {
      const changed = Buffer.from(body);
      changed[place] = (changed[place]! + by + 1) % 256;
      expect(() => verify(changed, signed, secret, at(1_700_000_000))).toThrow(
        expect.objectContaining({ code: 'SIGNATURE_MISMATCH' }),
      );
    }),
  );
});

test('arbitrary headers and bytes are refused with VerificationFailed', () => {
  const names = Object.keys(headers({ 'webhook-gap': '1' }));
  assert(
    property(dictionary(constantFrom(...names), string()), uint8Array(), (received, bytes) => {
      expect(() => verify(bytes, { ...headers(), ...received, 'webhook-id': 'x' }, secret)).toThrow(
        VerificationFailed,
      );
    }),
  );
});
