import { randomBytes } from 'node:crypto';

import { Authenticator } from '@casewire/auth';
import { ApiKey, CreateApiKey, Organization, Scope, Topics } from '@casewire/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  createRegistryEnvironment,
  type RegistryEnvironment,
} from '../../test/registry-environment.ts';
import { ApiKeysService } from './api-keys.service.ts';

const pepper = randomBytes(32);
let environment: RegistryEnvironment;
let apiKeys: ApiKeysService;
let organizationId: string;
beforeAll(async () => {
  environment = await createRegistryEnvironment([]);
  apiKeys = new ApiKeysService(environment.registry, pepper, environment.now);
  ({ organizationId } = await environment.organization());
});
afterAll(() => environment.database.drop());

const create = (command: object) =>
  apiKeys.create(
    organizationId,
    CreateApiKey.parse({ environment: 'sandbox', ...command }),
    undefined,
  );
const published = (topic: string, key: string) =>
  environment.published.findLast((record) => record.topic === topic && record.key === key)!.value;

test('a key has the name that its creator gave it: in the response, in the record and in lists', async () => {
  const made = await create({ name: 'Back office' });
  expect(made).toMatchObject({ name: 'Back office', key: expect.stringContaining(made.id) });
  expect(published(Topics.apiKeys, made.id)).toMatchObject({ name: 'Back office' });
  const { key: _key, ...view } = made;
  expect(await apiKeys.get(organizationId, made.id)).toEqual(view);
  const { items } = await apiKeys.getAll(organizationId, 100, undefined);
  expect(items).toContainEqual(view);
});

test('who acts with a key is known by its id and its name', async () => {
  const { id, key } = await create({ name: 'Back office' });
  const view = <T>(record: T) => ({ get: () => record, catchUp: async () => 0n });
  const authenticator = new Authenticator(
    view(ApiKey.parse(published(Topics.apiKeys, id))),
    view(Organization.parse(published(Topics.organizations, organizationId))),
    pepper,
    environment.now,
  );
  expect(await authenticator.authenticate(key)).toMatchObject({
    keyId: id,
    keyName: 'Back office',
  });
});

test('a key without a name has the name null, and so has one that was stored without the field', async () => {
  const { id, name } = await create({});
  expect(name).toBeNull();
  await environment.database.pool.query(
    `update reference_record set record = record - 'name' where id = $1`,
    [id],
  );
  expect(await apiKeys.get(organizationId, id)).toMatchObject({ id, name: null });
});

test.each([[''], ['a\nb'], ['x'.repeat(101)], [7]])('the name %j is refused', (name) => {
  const refused = CreateApiKey.safeParse({ environment: 'sandbox', name });
  expect(refused.error?.issues[0]).toMatchObject({ path: ['name'] });
});

test('a key without scopes has all of them; a list of scopes limits it', async () => {
  expect((await create({})).scopes).toEqual(Scope.options);
  const scopes = ['documents:read', 'reviews:read', 'reviews:write'];
  const { id } = await create({ scopes });
  expect(published(Topics.apiKeys, id)).toMatchObject({ scopes });
});
