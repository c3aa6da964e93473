import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import { OrderClient, PartnerClient } from '@casewire/client';
import { Scope } from '@casewire/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ownedResources, ownTemplate, type OwnedResources } from './owned-resources.ts';
import { TestPlatform, type Partner } from './test-platform.ts';

interface Operation {
  method: string;
  path: string;
}

let platform: TestPlatform;
let owner: Partner;
let owned: OwnedResources['owned'];
let filters: OwnedResources['filters'];
const operations: Operation[] = [];

const apis = ['partner', 'orders', 'registry', 'delivery', 'catalog', 'admin'];
const methods = ['get', 'post', 'put', 'patch', 'delete'];

beforeAll(async () => {
  platform = await TestPlatform.start({ stages: [], env: { STAGE_TIMEOUT_MS: '1000' } });
  for (const api of apis) {
    const { paths } = (await (await fetch(`${platform.url}/${api}/v1/openapi.json`)).json()) as {
      paths: Record<string, object>;
    };
    for (const [path, item] of Object.entries(paths))
      for (const method of Object.keys(item).filter((name) => methods.includes(name)))
        operations.push({ method: method.toUpperCase(), path });
  }
  owner = await platform.partner();
  ({ owned, filters } = await ownedResources(platform, owner));
}, 120_000);
afterAll(() => platform.stop());

interface Call extends Operation {
  key?: string | undefined;
  header?: [string, string] | undefined;
  body?: object | undefined;
}

async function call({ method, path, key, header, body = {} }: Call) {
  const response = await fetch(platform.url + path, {
    method,
    headers: {
      ...(key !== undefined && { 'x-api-key': key }),
      ...(header && { [header[0]]: header[1] }),
      ...(method !== 'GET' && { 'content-type': 'application/json' }),
    },
    ...(method !== 'GET' && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json');
  return {
    status: response.status,
    text,
    body: isJson ? (JSON.parse(text) as unknown) : null,
  };
}

/** The path with the ids of the owner, or with ids that do not exist. */
const filled = ({ path }: Operation) =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => {
    const [, mine] = Object.entries(owned).find(([prefix]) => path.startsWith(prefix)) ?? [];
    if (name === 'id' && mine !== undefined) return mine;
    if (name === 'version' || name === 'page' || name === 'number') return '1';
    return name === 'name' || name === 'eventType' ? 'case.completed' : randomUUID();
  });

const isPage = ({ path }: Operation) =>
  path.startsWith('/catalog') && !path.includes('event-types');
const isOfOperator = ({ path }: Operation) => path.startsWith('/admin');
const operationsByKey = () => operations.filter((one) => !isPage(one) && !isOfOperator(one));

/** The scope that a key needs, by the documentation. */
function scopeOf({ method, path }: Operation): Scope {
  const access = method === 'GET' ? 'read' : 'write';
  if (/\/(approve|refuse)$/.test(path)) return 'orders:approve';
  if (path.startsWith('/orders')) return `orders:${access}`;
  if (path.includes('/reviews')) return `reviews:${access}`;
  if (/\/(document|pages\/\{page\}|image)$/.test(path)) return 'documents:read';
  if (path.startsWith('/partner')) return `cases:${access}`;
  if (path.startsWith('/delivery')) return `deliveries:${access}`;
  if (path.startsWith('/catalog')) return method === 'GET' ? 'endpoints:read' : 'catalog:write';
  return path.endsWith('/token') ? 'endpoints:write' : `endpoints:${access}`;
}

test('every API has operations', () => {
  expect(operations.length).toBeGreaterThan(70);
  expect(operationsByKey().length).toBeGreaterThan(50);
});

test('no operation is allowed without a key, or with one that is malformed, unknown, altered, expired or revoked', async () => {
  const { operator } = platform;
  const made = (expiresAt?: string) =>
    operator.createApiKey(owner.organizationId, {
      environment: 'sandbox',
      ...(expiresAt && { expiresAt }),
    });
  const expired = await made(new Date(Date.now() - 1000).toISOString());
  const revoked = await made();
  await operator.revokeApiKey(owner.organizationId, revoked.id);
  const revokedClient = new PartnerClient(platform.url, revoked.key);
  await expect
    .poll(() => revokedClient.cases().catch((error: { status: number }) => error.status))
    .toBe(401);
  const altered = owner.key.slice(0, -1) + (owner.key.endsWith('0') ? '1' : '0');
  const credentials: { key?: string; header?: [string, string] }[] = [
    {},
    { key: 'nonsense' },
    { key: `cw_test_${'0'.repeat(18)}_${'0'.repeat(64)}` },
    { key: altered },
    { key: owner.key.replace('cw_test_', 'cw_live_') },
    { key: expired.key },
    { key: revoked.key },
    { header: ['authorization', `Basic ${owner.key}`] },
    { header: ['authorization', 'Bearer '] },
  ];
  let calls = 0;
  for (const operation of operations.filter((one) => !isPage(one)))
    for (const credential of credentials) {
      const { status } = await call({ ...operation, path: filled(operation), ...credential });
      expect([operation, status]).toEqual([operation, 401]);
      calls++;
    }
  expect(calls).toBeGreaterThan(400);
}, 120_000);

test('a key with one scope may call the operations that need this scope, and no others', async () => {
  let calls = 0;
  for (const scope of Scope.options) {
    const { key } = await platform.operator.createApiKey(owner.organizationId, {
      environment: 'sandbox',
      scopes: [scope],
    });
    for (const operation of operationsByKey()) {
      // An operation that writes gets an id that does not exist, so that it changes nothing.
      const path = operation.method === 'GET' ? filled(operation) : foreign(operation);
      const { status, body } = await call({ ...operation, path, key });
      const refused = status === 403 && (body as { code: string }).code === 'SCOPE_MISSING';
      expect([operation, scope, refused]).toEqual([operation, scope, scope !== scopeOf(operation)]);
      calls++;
    }
  }
  expect(calls).toBeGreaterThan(217);
}, 120_000);

const foreign = ({ path }: Operation) =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => (name === 'id' ? randomUUID() : '1'));

test('a partner cannot call the operations of the operator, and the key of the operator is not a key of a partner', async () => {
  for (const operation of operations.filter(isOfOperator))
    expect((await call({ ...operation, path: filled(operation), key: owner.key })).status).toBe(
      401,
    );
  for (const operation of operationsByKey()) {
    const key = platform.operatorKey;
    expect((await call({ ...operation, path: filled(operation), key })).status).toBe(401);
  }
});

describe('a resource of another organization, or of the other environment,', () => {
  const strangers = async () => [
    (await platform.partner()).key,
    (await platform.operator.createApiKey(owner.organizationId, { environment: 'production' })).key,
  ];
  /** Bodies that are valid for the owner, so that only the ownership can be the reason for a refusal. */
  const bodyFor = ({ method, path }: Operation): object =>
    method === 'PATCH'
      ? { description: 'x' }
      : (bodies.find(([end]) => path.endsWith(end))?.[1] ?? {});
  const bodies: [string, object][] = [
    ['/unblock', { decision: 'skip' }],
    ['/cases/{id}/reviews', { reason: 'x' }],
    ['/assign', { assigneeId: randomUUID() }],
    ['/comments', { text: 'x' }],
    ['/resolve', { resolution: 'approved' }],
    ['/cases/{id}/revisions', { reference: 'x', reason: 'x' }],
    ['/uploads/{uploadId}/revisions', { fields: [{ name: 'total', value: '1' }], reason: 'x' }],
    ['/verifications/{id}/information', { data: { employer: 'x' } }],
    ['/templates/{id}/versions', ownTemplate],
  ];

  test('is not found on any route', async () => {
    const operationsOnOwned = operations.filter(({ path }) =>
      Object.keys(owned).some((prefix) => path.startsWith(`${prefix}{id}`)),
    );
    expect(operationsOnOwned.length).toBeGreaterThan(32);
    for (const key of await strangers())
      for (const operation of operationsOnOwned) {
        const path = filled(operation);
        const body = bodyFor(operation);
        const { status, text } = await call({ ...operation, path, key, body });
        expect([operation, status, text.slice(0, 200)]).toEqual([
          operation,
          404,
          text.slice(0, 200),
        ]);
      }
    // The resources of the owner are unchanged.
    const { client } = owner;
    expect(await client.case(owned['/partner/v1/cases/']!)).toMatchObject({ status: 'completed' });
    expect(await client.endpoint(owned['/registry/v1/endpoints/']!)).toMatchObject({
      description: null,
      enabled: true,
    });
    const orders = new OrderClient(platform.url, owner.key);
    const order = await orders.order(owned['/orders/v1/orders/']!);
    expect(order).toMatchObject({
      status: 'pending',
      refresh: null,
      verifications: [{ state: 'pending-approval', information: [] }],
    });
    expect(await orders.template(order.templateId)).toMatchObject({ version: 1 });
  });

  test('is in no list, and no filter finds it', async () => {
    // The ids of deliveries and replays are short numbers, which may occur in any text.
    const ids = Object.values(owned).filter((id) => id.length === 36);
    const lists = operations.filter(
      (one) =>
        one.method === 'GET' && !one.path.includes('{') && !isPage(one) && !isOfOperator(one),
    );
    for (const key of await strangers())
      for (const { path } of lists)
        for (const filter of ['', ...filters]) {
          const { text } = await call({ method: 'GET', path: path + filter, key });
          expect(ids.filter((id) => !filter.includes(id) && text.includes(id))).toEqual([]);
          expect(text).not.toContain(owner.organizationId);
        }
  });

  test('is not a target of a replay', async () => {
    for (const key of await strangers()) {
      const { status } = await call({
        method: 'POST',
        path: '/delivery/v1/replays',
        key,
        body: {
          kind: 'key',
          endpointId: owned['/registry/v1/endpoints/'],
          key: owned['/partner/v1/cases/'],
        },
      });
      expect(status).toBe(404);
    }
  });
});
