import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import { Problem } from '@casewire/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { TestPlatform, type Partner } from './test-platform.ts';

let platform: TestPlatform;
let partner: Partner;
let endpointId: string;
beforeAll(async () => {
  platform = await TestPlatform.start({ stages: [] });
  partner = await platform.partner();
  ({ id: endpointId } = await partner.client.createEndpoint({
    url: 'https://one.example/',
    eventTypes: ['case.completed'],
  }));
});
afterAll(() => platform.stop());

interface RequestOptions {
  method?: string;
  body?: object;
  operator?: boolean;
}

async function problemOf(
  path: string,
  { method = 'GET', body, operator = false }: RequestOptions = {},
) {
  const response = await fetch(platform.url + path, {
    method,
    headers: {
      'x-api-key': operator ? platform.operatorKey : partner.key,
      ...(body && { 'content-type': 'application/json' }),
    },
    ...(body && { body: JSON.stringify(body) }),
  });
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const { code, errors } = Problem.parse(await response.json());
  return { status: response.status, code, errors };
}

const validationFailed = (field: string, rule: unknown) => ({
  status: 400,
  code: 'VALIDATION_FAILED',
  errors: [{ field, rule }],
});

test.each([
  ['/partner/v1/cases'],
  ['/orders/v1/orders'],
  ['/orders/v1/templates'],
  ['/orders/v1/templates/casewire.income'],
  ['/registry/v1/endpoints'],
  ['/registry/v1/endpoints/ENDPOINT/subscriptions'],
  ['/catalog/v1/event-types'],
  ['/catalog/v1/event-types/case.completed/versions'],
  ['/catalog/v1/event-types/case.completed/1/schemas'],
  ['/catalog/v1/event-types/case.completed/diff?from=1&to=1'],
  ['/delivery/v1/deliveries'],
  ['/delivery/v1/dead-letters'],
  ['/delivery/v1/notifications'],
  ['/delivery/v1/replays'],
  ['/admin/v1/organizations'],
])('%s refuses an unknown query parameter with its name', async (list) => {
  const path = list.replace('ENDPOINT', endpointId);
  const query = `${path.includes('?') ? '&' : '?'}staus=pending`;
  const operator = path.startsWith('/admin');
  expect(await problemOf(path + query, { operator })).toEqual(
    validationFailed('staus', 'is not a field here'),
  );
});

const uuid = 'must be a UUID';
const digits = 'must be 1 to 18 digits';
const version = expect.stringContaining('1');

describe('an invalid id in a path is refused with the name of its field', () => {
  test.each<[method: string, path: string, field: string, rule: unknown]>([
    ['GET', '/partner/v1/cases/x', 'id', uuid],
    ['DELETE', '/partner/v1/cases/x', 'id', uuid],
    ['GET', '/partner/v1/cases/x/classification', 'id', uuid],
    ['GET', '/partner/v1/cases/x/extraction', 'id', uuid],
    ['GET', '/partner/v1/cases/x/forensics', 'id', uuid],
    ['GET', '/partner/v1/cases/x/translation', 'id', uuid],
    ['GET', '/orders/v1/orders/x', 'id', uuid],
    ['DELETE', '/orders/v1/orders/x', 'id', uuid],
    ['POST', '/orders/v1/orders/x/cancel', 'id', uuid],
    ['GET', '/orders/v1/verifications/x', 'id', uuid],
    ['POST', '/orders/v1/verifications/x/approve', 'id', uuid],
    ['POST', '/orders/v1/verifications/x/refuse', 'id', uuid],
    ['POST', '/orders/v1/verifications/x/cancel', 'id', uuid],
    ['GET', '/orders/v1/templates/X', 'id', expect.stringContaining('a-z 0-9')],
    ['GET', '/registry/v1/endpoints/x', 'id', uuid],
    ['DELETE', '/registry/v1/endpoints/x', 'id', uuid],
    ['POST', '/registry/v1/endpoints/x/ping', 'id', uuid],
    ['POST', '/registry/v1/endpoints/x/secret', 'id', uuid],
    ['GET', '/registry/v1/endpoints/x/token', 'id', uuid],
    ['GET', '/registry/v1/endpoints/x/subscriptions', 'id', uuid],
    ['GET', '/delivery/v1/endpoints/x', 'id', uuid],
    ['POST', '/delivery/v1/endpoints/x/resume', 'id', uuid],
    ['GET', '/delivery/v1/deliveries/x', 'id', digits],
    ['GET', '/delivery/v1/replays/x', 'id', digits],
    ['POST', '/delivery/v1/replays/x/cancel', 'id', digits],
    ['GET', '/delivery/v1/dead-letters/x', 'id', digits],
    ['POST', '/delivery/v1/dead-letters/x/replay', 'id', digits],
    ['GET', '/catalog/v1/event-types/case.completed/x', 'version', version],
    ['GET', '/catalog/v1/event-types/case.completed/0', 'version', version],
    ['GET', '/catalog/v1/event-types/a%20b/1', 'name', expect.stringContaining('A-Z')],
    ['GET', '/admin/v1/organizations/x', 'id', uuid],
    ['POST', '/admin/v1/organizations/x/callback-secret', 'id', uuid],
  ])('%s %s', async (method, path, field, rule) => {
    const operator = path.startsWith('/admin');
    expect(await problemOf(path, { method, operator })).toEqual(validationFailed(field, rule));
  });

  const verifications = [{ name: 'tax', method: 'documents', documentTypes: ['invoice'] }];
  test.each<[path: string, body: object, rule: unknown]>([
    ['/orders/v1/orders/x/refresh', {}, uuid],
    ['/orders/v1/verifications/x/information', { data: { a: 1 } }, uuid],
    [
      '/orders/v1/templates/X/versions',
      { title: 'Tax', verifications },
      expect.stringContaining('a-z 0-9'),
    ],
  ])('POST %s with a body that is valid', async (path, body, rule) => {
    expect(await problemOf(path, { method: 'POST', body })).toEqual(validationFailed('id', rule));
  });

  test('of an API key', async () => {
    const keys = `/admin/v1/organizations/${partner.organizationId}/api-keys`;
    const request = { method: 'DELETE', operator: true };
    expect(await problemOf(`${keys}/x`, request)).toEqual(
      validationFailed('id', 'must be 18 of 0-9 a-f'),
    );
    expect(
      await problemOf(`/admin/v1/organizations/x/api-keys/${'0'.repeat(18)}`, request),
    ).toEqual(validationFailed('organizationId', uuid));
  });
});

test.each([
  `/partner/v1/cases/${randomUUID()}`,
  `/orders/v1/orders/${randomUUID()}`,
  `/orders/v1/verifications/${randomUUID()}`,
  '/orders/v1/templates/nothing',
  '/orders/v1/templates/casewire.income?version=999',
  `/registry/v1/endpoints/${randomUUID()}`,
  '/delivery/v1/deliveries/9999999',
  '/delivery/v1/dead-letters/9999999',
  '/catalog/v1/event-types/case.exploded/1',
])('%s is a well-formed path to a resource that does not exist: 404', async (path) => {
  expect(await problemOf(path)).toMatchObject({ status: 404, code: 'NOT_FOUND' });
});

test.each([
  ['Host', 'is a header that Casewire sets'],
  ['webhook-id', 'is a header that Casewire sets'],
  ['a b', 'is no name of a header'],
])('a custom header %s is refused with its name and the rule', async (name, rule) => {
  const body = { url: 'https://one.example/', headers: { [name]: 'x' } };
  const request = { method: 'POST', body };
  expect(await problemOf('/registry/v1/endpoints', request)).toEqual(
    validationFailed(`headers.${name}`, rule),
  );
});

describe('a name that every JavaScript object has', () => {
  test.each([
    ['constructor', 'headers.constructor', 'must not be constructor, which every object has'],
    ['Constructor', 'headers.Constructor', 'must not be constructor, which every object has'],
    ['__proto__', 'headers.__proto__', 'must not be __proto__'],
  ])('is refused as the name of a header: %s', async (name, field, rule) => {
    const body = JSON.parse(
      `{"url":"https://one.example/","headers":{"${name}":"x","X-Other":"y"}}`,
    ) as object;
    const request = { method: 'POST', body };
    expect(await problemOf('/registry/v1/endpoints', request)).toEqual(
      validationFailed(field, rule),
    );
  });

  test('is accepted as the name of a header if it is not one of these: toString', async () => {
    const { headerNames } = await partner.client.createEndpoint({
      url: 'https://one.example/',
      headers: { toString: 'x' },
    });
    expect(headerNames).toEqual(['toString']);
  });

  test('is not accepted as a field of a body', async () => {
    const body = JSON.parse('{"url":"https://one.example/","constructor":1}') as object;
    expect(await problemOf('/registry/v1/endpoints', { method: 'POST', body })).toEqual(
      validationFailed('constructor', 'is not a field here'),
    );
  });

  test('is not accepted as a query parameter: __proto__', async () => {
    expect(await problemOf('/partner/v1/cases?__proto__=x')).toEqual(
      validationFailed('__proto__', 'must not be __proto__'),
    );
  });
});
