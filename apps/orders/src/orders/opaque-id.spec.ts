import { randomBytes, randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';
import { z } from 'zod';

import { opaqueId } from './opaque-id.ts';

const key = randomBytes(32);
const tenant = { organizationId: randomUUID(), environment: 'sandbox' as const };
const id = opaqueId(key, tenant, 'user', 'u-1');

test('an opaque id is a UUID of version 8, and always the same', () => {
  expect(z.uuid({ version: 'v8' }).parse(id)).toBe(id);
  expect(opaqueId(key, tenant, 'user', 'u-1')).toBe(id);
});

test.each([
  ['key', opaqueId(randomBytes(32), tenant, 'user', 'u-1')],
  ['organization', opaqueId(key, { ...tenant, organizationId: randomUUID() }, 'user', 'u-1')],
  ['environment', opaqueId(key, { ...tenant, environment: 'production' }, 'user', 'u-1')],
  ['kind', opaqueId(key, tenant, 'employer', 'u-1')],
  ['id of the orderer', opaqueId(key, tenant, 'user', 'u-2')],
])('with another %s it is another one', (_, other) => {
  expect(other).not.toBe(id);
});
