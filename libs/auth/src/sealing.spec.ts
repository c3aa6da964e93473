import { randomBytes } from 'node:crypto';

import { expect, test } from 'vitest';

import { SealBroken, Sealer } from './sealing.ts';

const sealer = new Sealer(randomBytes(32));

test('what is sealed opens for its owner', () => {
  const sealed = sealer.seal(Buffer.from('secret'), 'endpoint:1');
  expect(String(sealer.open(sealed, 'endpoint:1'))).toBe('secret');
  expect(sealed).not.toBe(sealer.seal(Buffer.from('secret'), 'endpoint:1'));
});

test('it opens for nobody else, under no other key, and not when it was changed', () => {
  const sealed = sealer.seal(Buffer.from('secret'), 'endpoint:1');
  const changed = Buffer.from(sealed, 'base64');
  changed[30]! ^= 1;
  expect(() => sealer.open(sealed, 'endpoint:2')).toThrow(SealBroken);
  expect(() => new Sealer(randomBytes(32)).open(sealed, 'endpoint:1')).toThrow(SealBroken);
  expect(() => sealer.open(changed.toString('base64'), 'endpoint:1')).toThrow(SealBroken);
  expect(() => sealer.open('', 'endpoint:1')).toThrow(SealBroken);
});
