import { endpointSecretContext, CreateEndpoint, Topics } from '@casewire/contracts';
import { refusedHosts } from '@casewire/egress/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { eventType } from '../../test/event-type.ts';
import {
  createRegistryEnvironment,
  type RegistryEnvironment,
} from '../../test/registry-environment.ts';
import type { Tenant } from './endpoint-record.ts';
import { PingService } from './ping.service.ts';

let environment: RegistryEnvironment;
beforeAll(async () => {
  environment = await createRegistryEnvironment([eventType('case.completed', 1)]);
});
afterAll(() => environment.database.drop());

const create = (tenant: Tenant, over: object = {}) =>
  environment.endpoints.create(
    tenant,
    CreateEndpoint.parse({ url: 'https://one.example/hook', ...over }),
    'partner',
    'test',
    undefined,
  );

const secretOf = (id: string) =>
  environment.published.findLast(({ topic, key }) => topic === Topics.secrets && key === id)!.value;

const opened = (id: string, sealed: unknown) =>
  environment.sealer.open(String(sealed), endpointSecretContext(id)).toString();

test('TW-22 TW-24 a tenant can read the token of its endpoint; a new endpoint at the same URL has another token', async () => {
  const tenant = await environment.organization();
  const first = await create(tenant);
  const { token } = await environment.endpoints.token(tenant, first.id);
  expect(token).toMatch(/^[0-9a-f]{40}$/);
  expect((await environment.endpoints.token(tenant, first.id)).token).toBe(token);
  expect(opened(first.id, secretOf(first.id).token)).toBe(token);
  await environment.endpoints.remove(tenant, first.id);
  const second = await create(tenant);
  expect(second.url).toBe(first.url);
  expect((await environment.endpoints.token(tenant, second.id)).token).not.toBe(token);
});

test('TW-17 TW-18 an endpoint has a URL and an optional description', async () => {
  const tenant = await environment.organization();
  const { id } = await create(tenant, { description: 'the first' });
  expect(await environment.endpoints.get(tenant, id)).toMatchObject({
    url: 'https://one.example/hook',
    description: 'the first',
  });
  const changed = await environment.endpoints.change(tenant, id, {
    url: 'https://two.example/hook',
    description: null,
  });
  expect(changed).toMatchObject({ url: 'https://two.example/hook', description: null });
});

test('custom headers are sealed: the API shows their names, never their values', async () => {
  const tenant = await environment.organization();
  const made = await create(tenant, { headers: { Authorization: 'Basic abc' } });
  expect(made.headerNames).toEqual(['Authorization']);
  expect(JSON.stringify(environment.published)).not.toContain('Basic abc');
  expect(opened(made.id, secretOf(made.id).headers)).toBe('{"Authorization":"Basic abc"}');
  await environment.endpoints.change(tenant, made.id, { headers: { 'X-Route': 'b' } });
  expect(opened(made.id, secretOf(made.id).headers)).toBe('{"X-Route":"b"}');
  const { token, sealed } = secretOf(made.id);
  const rotated = await environment.endpoints.rotateSecret(tenant, made.id, undefined);
  expect(rotated.secret).not.toBe(made.secret);
  expect(secretOf(made.id)).toMatchObject({
    token,
    previous: { sealed, until: '2026-06-02T12:00:00.000Z' },
  });
});

test('a rotation repeated with the same Idempotency-Key rotates once', async () => {
  const tenant = await environment.organization();
  const { id } = await create(tenant);
  const first = await environment.endpoints.rotateSecret(tenant, id, 'key-1');
  expect(await environment.endpoints.rotateSecret(tenant, id, 'key-1')).toEqual(first);
});

test('TW-19 an organization has at most ten endpoints, sandbox and production together', async () => {
  const tenant = await environment.organization();
  for (let i = 0; i < 10; i++)
    await create(i % 2 === 0 ? tenant : { ...tenant, environment: 'sandbox' });
  await expect(create({ ...tenant, environment: 'sandbox' })).rejects.toMatchObject({
    status: 409,
    code: 'TOO_MANY_ENDPOINTS',
  });
});

test('TG-21 a ping is an event for one endpoint, published once per Idempotency-Key', async () => {
  const tenant = await environment.organization();
  const { id } = await create(tenant);
  const pings = new PingService(environment.registry, environment.log, environment.now);
  const { eventId } = await pings.ping(tenant, id, 'ping-1');
  expect(await pings.ping(tenant, id, 'ping-1')).toEqual({ eventId });
  const sent = environment.published.filter(({ topic }) => topic === Topics.registryEvents);
  expect(sent).toMatchObject([{ key: id, value: { endpointId: id } }]);
  const stranger = await environment.organization();
  await expect(pings.ping(stranger, id, undefined)).rejects.toMatchObject({ status: 404 });
});

describe('a URL that the egress policy never allows', () => {
  test.each(refusedHosts)('%s is refused, at creation and at a change', async (host) => {
    const url = `https://${host}/hook`;
    const apiError = {
      status: 400,
      code: 'VALIDATION_FAILED',
      errors: [{ field: 'url', rule: expect.stringMatching(/^must not /) }],
    };
    await expect(create(guarded, { url })).rejects.toMatchObject(apiError);
    await expect(environment.endpoints.change(guarded, endpointId, { url })).rejects.toMatchObject(
      apiError,
    );
    const callback = { url, dialect: 'casewire' as const };
    const forCallback = { ...apiError, errors: [{ ...apiError.errors[0], field: 'callback.url' }] };
    await expect(
      environment.organizations.change(guarded.organizationId, { callback }),
    ).rejects.toMatchObject(forCallback);
    await expect(environment.organization({ callback })).rejects.toMatchObject(forCallback);
  });

  let guarded: Tenant;
  let endpointId: string;
  beforeAll(async () => {
    guarded = await environment.organization();
    ({ id: endpointId } = await create(guarded));
  });

  test('is accepted where the operator allowed its address', async () => {
    const tenant = await environment.organization({ egress: { allow: ['10.0.0.0/8'] } });
    const url = 'https://10.0.0.1:8443/hook';
    expect(await create(tenant, { url })).toMatchObject({ url });
    const egress = { allow: [], plainHttp: false };
    await environment.organizations.change(tenant.organizationId, { egress });
    await expect(create(tenant, { url })).rejects.toMatchObject({ errors: [{ field: 'url' }] });
  });
});
