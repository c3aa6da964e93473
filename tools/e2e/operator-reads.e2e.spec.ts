import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { TestPlatform, type Partner } from './test-platform.ts';

let platform: TestPlatform;
let partner: Partner;
let other: Partner;
beforeAll(async () => {
  platform = await TestPlatform.start({ stages: [] });
  partner = await platform.partner({ environment: 'sandbox' });
  other = await platform.partner();
});
afterAll(() => platform.stop());

const operator = () => platform.operator;

describe('the API keys of an organization', () => {
  test('are listed for the operator, a page at a time, without their secrets and hashes', async () => {
    const { id: organizationId } = await platform.operator.createOrganization({ name: 'Acme' });
    const made = [];
    for (const environment of ['sandbox', 'production', 'sandbox'] as const)
      made.push(
        await operator().createApiKey(organizationId, { environment, scopes: ['cases:read'] }),
      );
    const first = await operator().apiKeys(organizationId, { limit: 2 });
    expect(first.items).toHaveLength(2);
    const second = await operator().apiKeys(organizationId, { limit: 2, cursor: first.next! });
    expect(second.next).toBeNull();
    const all = [...first.items, ...second.items];
    const shown = made.map(({ key: _key, ...view }) => view);
    const byId = (one: { id: string }, two: { id: string }) => (one.id < two.id ? -1 : 1);
    expect(all.toSorted(byId)).toEqual(shown.toSorted(byId));
    const text = JSON.stringify(all);
    for (const { key } of made) expect(text).not.toContain(key);
    expect(text).not.toMatch(/hmac/i);
  });

  test('are read one by one, and a revoked one is not found', async () => {
    const {
      id,
      key: _key,
      ...view
    } = await operator().createApiKey(partner.organizationId, {
      environment: 'production',
    });
    expect(await operator().apiKey(partner.organizationId, id)).toEqual({ id, ...view });
    await expect(operator().apiKey(other.organizationId, id)).rejects.toMatchObject({
      status: 404,
    });
    await operator().revokeApiKey(partner.organizationId, id);
    await expect(operator().apiKey(partner.organizationId, id)).rejects.toMatchObject({
      status: 404,
    });
  });
});

describe('the endpoints of an organization', () => {
  test('are listed for the operator in both environments, without their secrets', async () => {
    const url = 'https://one.example/';
    const sandbox = await partner.client.createEndpoint({ url, headers: { 'X-Key': 'v-secret' } });
    const production = await operator().provisionEndpoint(partner.organizationId, {
      url,
      environment: 'production',
    });
    await other.client.createEndpoint({ url });
    const first = await operator().endpoints(partner.organizationId, { limit: 1 });
    const second = await operator().endpoints(partner.organizationId, {
      limit: 1,
      cursor: first.next!,
    });
    expect(second.next).toBeNull();
    const all = [...first.items, ...second.items];
    expect(new Set(all.map(({ id }) => id))).toEqual(new Set([sandbox.id, production.id]));
    expect(JSON.stringify(all)).not.toMatch(/whsec_|v-secret/);
    expect(all.find(({ id }) => id === sandbox.id)?.headerNames).toEqual(['X-Key']);
    const ofProduction = await operator().endpoints(partner.organizationId, {
      environment: 'production',
    });
    expect(ofProduction.items.map(({ id }) => id)).toEqual([production.id]);
    expect(await operator().endpoint(partner.organizationId, sandbox.id)).toEqual(
      all.find(({ id }) => id === sandbox.id),
    );
    await expect(operator().endpoint(other.organizationId, sandbox.id)).rejects.toMatchObject({
      status: 404,
    });
  });
});

test('an organization that does not exist has no lists', async () => {
  const unknown = randomUUID();
  await expect(operator().apiKeys(unknown)).rejects.toMatchObject({ status: 404 });
  await expect(operator().endpoints(unknown)).rejects.toMatchObject({ status: 404 });
});

test.each(['api-keys', 'endpoints'])('the list of %s is for the operator only', async (list) => {
  const path = `/admin/v1/organizations/${partner.organizationId}/${list}`;
  const response = await fetch(platform.url + path, {
    headers: { 'x-api-key': partner.key },
  });
  expect(response.status).toBe(401);
});
