import { randomBytes, randomUUID } from 'node:crypto';

import type { ApiKey, Organization } from '@casewire/contracts';
import { organizationFixture } from '@casewire/contracts/testing';
import { expect, test } from 'vitest';

import { apiKeyHmac, mintApiKey, parseApiKey } from './api-key.ts';
import { Authenticator, type View } from './authenticator.ts';

const pepper = randomBytes(32);
const organization: Organization = organizationFixture({ id: randomUUID() });

/** A view that has new records only after it caught up. */
class LateView<T> implements View<T> {
  private seen = new Map<string, T>();
  constructor(private readonly log: Map<string, T>) {}
  get = (key: string) => this.seen.get(key);
  async catchUp() {
    this.seen = new Map(this.log);
    return 0n;
  }
}

function fixture(overrides: Partial<ApiKey> = {}) {
  const minted = mintApiKey('sandbox');
  const record: ApiKey = {
    id: minted.id,
    organizationId: organization.id,
    environment: 'sandbox',
    scopes: ['cases:read'],
    name: null,
    hmac: apiKeyHmac(minted.secret, pepper),
    expiresAt: null,
    createdAt: '2026-01-01T00:00:00Z',
    revision: 1,
    deletedAt: null,
    ...overrides,
  };
  const keys = new LateView(new Map([[record.id, record]]));
  const organizations = new LateView(new Map([[organization.id, organization]]));
  const now = () => new Date('2026-06-01T00:00:00Z');
  return { key: minted.key, authenticator: new Authenticator(keys, organizations, pepper, now) };
}

test('a key that the view does not have yet is found after it caught up', async () => {
  const { key, authenticator } = fixture();
  expect(await authenticator.authenticate(key)).toMatchObject({
    organizationId: organization.id,
    environment: 'sandbox',
    scopes: ['cases:read'],
  });
});

test.each(['Back office', null])('a principal has the name of its key: %s', async (name) => {
  const { key, authenticator } = fixture({ name });
  expect(await authenticator.authenticate(key)).toMatchObject({ keyName: name });
});

test.each([
  ['no key', () => undefined],
  ['a text that is not a key', () => 'secret'],
  [
    'a key with another secret',
    (key: string) => key.slice(0, -2) + (key.endsWith('00') ? '11' : '00'),
  ],
  ['a key of the other environment', (key: string) => key.replace('cw_test', 'cw_live')],
])('%s is refused', async (_, change) => {
  const { key, authenticator } = fixture();
  await expect(authenticator.authenticate(change(key))).rejects.toMatchObject({
    status: 401,
    code: 'UNAUTHORIZED',
  });
});

test('a key is refused from the moment it expires', async () => {
  const { key, authenticator } = fixture({ expiresAt: '2026-06-01T00:00:00Z' });
  await expect(authenticator.authenticate(key)).rejects.toMatchObject({ status: 401 });
});

test('a key has its environment and its id', () => {
  const { key, id } = mintApiKey('production');
  expect(key).toMatch(/^cw_live_/);
  expect(parseApiKey(key)).toMatchObject({ environment: 'production', id });
});
