import { randomBytes } from 'node:crypto';

import { expect, test } from 'vitest';

import { SealBroken, Sealer } from './sealing.ts';

const sealer = new Sealer(randomBytes(32));

test('a sealed value opens for its context', () => {
  const sealed = sealer.seal(Buffer.from('secret'), 'endpoint:1');
  expect(String(sealer.open(sealed, 'endpoint:1'))).toBe('secret');
  expect(sealed).not.toBe(sealer.seal(Buffer.from('secret'), 'endpoint:1'));
});

test('a sealed value does not open for another context, with another key, or after a change', () => {
  const sealed = sealer.seal(Buffer.from('secret'), 'endpoint:1');
  const changed = Buffer.from(sealed, 'base64');
  changed[30]! ^= 1;
  expect(() => sealer.open(sealed, 'endpoint:2')).toThrow(SealBroken);
  expect(() => new Sealer(randomBytes(32)).open(sealed, 'endpoint:1')).toThrow(SealBroken);
  expect(() => sealer.open(changed.toString('base64'), 'endpoint:1')).toThrow(SealBroken);
  expect(() => sealer.open('', 'endpoint:1')).toThrow(SealBroken);
});
