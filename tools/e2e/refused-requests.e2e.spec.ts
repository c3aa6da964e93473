import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import { Problem } from '@casewire/contracts';
import { EventLog } from '@casewire/event-log';
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import { invalidEndpoints, invalidPages } from './invalid-values.ts';
import { makeTeam } from './team.ts';
import { TestPlatform, type Partner } from './test-platform.ts';

let platform: TestPlatform;
let log: EventLog;
let registry: Pool;
let partner: Partner;
let endpointId: string;
let teamKey: string;
beforeAll(async () => {
  const prefix = `b${randomUUID().slice(0, 8)}_`;
  const url = new URL(inject('postgresUrl'));
  platform = await TestPlatform.start({ stages: [], postgres: { url: url.href, prefix } });
  url.pathname = `${prefix}casewire_subscriptions`;
  registry = new Pool({ connectionString: url.href });
  log = new EventLog({ brokers: [platform.brokers], clientId: 'a-team' });
  partner = await platform.partner();
  const eventTypes = ['case.completed'];
  ({ id: endpointId } = await partner.client.createEndpoint({
    url: 'https://one.example/',
    eventTypes,
  }));
  const { id } = await makeTeam(platform, log, 'ledger', ['ledger.']);
  ({ key: teamKey } = await platform.operator.createApiKey(id, { environment: 'sandbox' }));
});
afterAll(async () => {
  await log?.close();
  await registry?.end();
  await platform?.stop();
});

interface Request {
  method?: string;
  key?: string;
  body?: object | string;
}

/** @returns the status of the problem, and the names of its fields */
async function problemOf(path: string, { method = 'GET', key = partner.key, body }: Request = {}) {
  const response = await fetch(platform.url + path, {
    method,
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  expect(response.headers.get('content-type')).toMatch(/^application\/problem\+json/);
  const { errors = [] } = Problem.parse(await response.json());
  return { status: response.status, fields: errors.map(({ field }) => field) };
}

/** All records that the registry stores. */
const stored = async () =>
  (await registry.query('select * from reference_record order by topic, id')).rows;

/** Like `problemOf`; checks too that the request stored nothing. */
async function problemOfWrite(path: string, request: Request) {
  const before = await stored();
  const problem = await problemOf(path, request);
  expect(await stored()).toEqual(before);
  return problem;
}

const operator = () => platform.operatorKey;

describe('a key that an operator creates', () => {
  const create = (body: object | string, organizationId = partner.organizationId) =>
    problemOfWrite(`/admin/v1/organizations/${organizationId}/api-keys`, {
      method: 'POST',
      key: operator(),
      body,
    });

  test.each<[string, object, string]>([
    ['for no environment', {}, 'environment'],
    ['for an unknown environment', { environment: 'staging' }, 'environment'],
    ['for no scope', { scopes: [] }, 'scopes'],
    ['for an unknown scope', { scopes: ['cases:read', 'root'] }, 'scopes.1'],
    ['with scopes that are not a list', { scopes: 'cases:read' }, 'scopes'],
    ['that expires at an invalid time', { expiresAt: 'tomorrow' }, 'expiresAt'],
    ['that expires on the 30th of February', { expiresAt: '2027-02-30T00:00:00Z' }, 'expiresAt'],
    ['with an unknown field', { colour: 'red' }, 'colour'],
  ])('%s', async (_, over, field) => {
    const body = field === 'environment' ? over : { environment: 'sandbox', ...over };
    expect(await create(body)).toEqual({ status: 400, fields: [field] });
  });

  test('with incomplete JSON', async () => {
    expect(await create('{"environment":')).toEqual({ status: 400, fields: [] });
  });

  test('is stored if it is valid', async () => {
    const before = await stored();
    await platform.operator.createApiKey(partner.organizationId, { environment: 'sandbox' });
    expect(await stored()).toHaveLength(before.length + 1);
  });

  test('for an organization that does not exist', async () => {
    expect(await create({ environment: 'sandbox' }, randomUUID())).toMatchObject({ status: 404 });
  });

  test.each<[string, number]>([
    ['0'.repeat(18), 404],
    ['x', 400],
    ['%00', 400],
    ['%F0%9F%98%80', 400],
  ])('and the revocation of one that does not exist: %s', async (id, status) => {
    const path = `/admin/v1/organizations/${partner.organizationId}/api-keys/${id}`;
    const request = { method: 'DELETE', key: operator() };
    expect(await problemOfWrite(path, request)).toMatchObject({ status });
  });
});

const url = 'https://one.example/hook';
describe('an endpoint that an operator provisions', () => {
  test.each<[string, object, number, string]>([
    ['for no environment', { environment: undefined }, 400, 'environment'],
    ['for an unknown environment', { environment: 'staging' }, 400, 'environment'],
    ['for an unknown audience', { audience: 'everybody' }, 400, 'audience'],
    [
      'for an audience that the organization does not have',
      { audience: 'internal' },
      422,
      'audience',
    ],
    ...invalidEndpoints.map(
      ([what, ...rest]) => [`with ${what}`, ...rest] as [string, object, number, string],
    ),
  ])('%s', async (_, over, status, field) => {
    const path = `/admin/v1/organizations/${partner.organizationId}/endpoints`;
    const body = { url, environment: 'sandbox', ...over };
    const request = { method: 'POST', key: operator(), body };
    expect(await problemOfWrite(path, request)).toEqual({ status, fields: [field] });
  });
});

test.each(invalidEndpoints.filter(([what]) => what !== 'no URL'))(
  'a change of an endpoint to %s is refused and changes nothing',
  async (_, body, status, field) => {
    const path = `/registry/v1/endpoints/${endpointId}`;
    expect(await problemOfWrite(path, { method: 'PATCH', body })).toEqual({
      status,
      fields: [field],
    });
  },
);

test.each<[object, string]>([
  [{ eventsOff: ['a\0'] }, 'eventsOff.0'],
  [{ callback: { url: 'https://one.example/\0' } }, 'callback.url'],
  [{ name: 'a\ud800' }, 'name'],
])('an organization with a text that cannot be stored: %j', async (body, field) => {
  const organizations = '/admin/v1/organizations';
  const problem = { status: 400, fields: [field] };
  const created = { method: 'POST', key: operator(), body: { name: 'Acme', ...body } };
  expect(await problemOfWrite(organizations, created)).toEqual(problem);
  const changed = { method: 'PATCH', key: operator(), body };
  const one = `${organizations}/${partner.organizationId}`;
  expect(await problemOfWrite(one, changed)).toEqual(problem);
});

describe('an upgrade', () => {
  const path = () => `/registry/v1/endpoints/${endpointId}/subscriptions/case.completed/upgrade`;

  test.each<[object | string, number, string[]]>([
    [{ version: 0 }, 400, ['version']],
    [{ version: -1 }, 400, ['version']],
    [{ version: 1.5 }, 400, ['version']],
    [{ version: '1' }, 400, ['version']],
    [{ version: null }, 400, ['version']],
    [{ version: 1e300 }, 400, ['version']],
    [{ version: 99 }, 422, ['version']],
    [{ versoin: 1 }, 400, ['versoin']],
    ['{"version":', 400, []],
  ])('to %j', async (body, status, fields) => {
    expect(await problemOfWrite(path(), { method: 'POST', body })).toEqual({ status, fields });
  });

  test.each([
    ['version=0', 400, 'version'],
    ['version=', 400, 'version'],
    ['version=x', 400, 'version'],
    ['version=1&version=2', 400, 'version'],
    ['version=99', 422, 'version'],
    ['versoin=1', 400, 'versoin'],
  ])('that is only previewed: %s', async (query, status, field) => {
    expect(await problemOf(`${path()}?${query}`)).toEqual({ status, fields: [field] });
  });

  test.each<[string, number]>([
    ['case.submitted', 404],
    ['%00', 400],
  ])('of an event type without a subscription: %s', async (eventType, status) => {
    const subscription = `/registry/v1/endpoints/${endpointId}/subscriptions/${eventType}`;
    const posted = { method: 'POST', body: {} };
    expect(await problemOfWrite(`${subscription}/upgrade`, posted)).toMatchObject({ status });
    expect(await problemOfWrite(subscription, { method: 'DELETE' })).toMatchObject({ status });
  });
});

describe('the list of deliveries', () => {
  test.each([
    ...invalidPages,
    ['endpointId=x', 'endpointId'],
    ['eventId=x', 'eventId'],
    ['replayId=x', 'replayId'],
    ['replayId=-1', 'replayId'],
    [`replayId=${'9'.repeat(19)}`, 'replayId'],
    ['state=lost', 'state'],
    ['state=pending&state=delivered', 'state'],
    [`eventType=${'x'.repeat(129)}`, 'eventType'],
    ['eventType=a%00b', 'eventType'],
    ['eventType=a&eventType=b', 'eventType'],
  ])('by %s', async (query, field) => {
    const problem = await problemOf(`/delivery/v1/deliveries?${query}`);
    expect(problem).toEqual({ status: 400, fields: [field] });
  });

  test.each(['x', '-1', '%00', '9'.repeat(19)])('%s is not an id of a delivery', async (id) => {
    const problem = { status: 400, fields: ['id'] };
    expect(await problemOf(`/delivery/v1/deliveries/${id}`)).toEqual(problem);
  });
});

describe('the list of dead letters', () => {
  test.each([
    ...invalidPages,
    [`code=${'x'.repeat(129)}`, 'code'],
    ['code=a%00b', 'code'],
    ['code=a&code=b', 'code'],
  ])('by %s', async (query, field) => {
    const problem = await problemOf(`/delivery/v1/dead-letters?${query}`, { key: teamKey });
    expect(problem).toEqual({ status: 400, fields: [field] });
  });

  test.each(['x', '-1', '%00', '9'.repeat(19)])('%s is not an id of a dead letter', async (id) => {
    const path = `/delivery/v1/dead-letters/${id}`;
    const problem = { status: 400, fields: ['id'] };
    expect(await problemOf(path, { key: teamKey })).toEqual(problem);
  });
});

describe.each([
  ['/delivery/v1/replays', () => partner.key],
  ['/delivery/v1/notifications', () => partner.key],
  ['/registry/v1/endpoints', () => partner.key],
  ['/partner/v1/cases', () => partner.key],
  ['/admin/v1/organizations', operator],
])('a page of %s', (path, key) => {
  test.each(invalidPages)('by %s', async (query, field) => {
    const problem = await problemOf(`${path}?${query}`, { key: key() });
    expect(problem).toEqual({ status: 400, fields: [field] });
  });
});

test('the catalog refuses an empty cursor too', async () => {
  const problem = { status: 400, fields: ['cursor'] };
  expect(await problemOf('/catalog/v1/event-types?cursor=')).toEqual(problem);
});
