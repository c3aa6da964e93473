import { endpointSecretContext, CreateEndpoint, Topics } from '@casewire/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { refusedHosts } from '../../../../libs/webhooks/src/testing/address-spellings.ts';
import { eventType } from '../testing/event-type.ts';
import { registryWorld, type RegistryWorld } from '../testing/registry-world.ts';
import type { Owner } from './endpoint-record.ts';
import { PingService } from './ping.service.ts';

let world: RegistryWorld;
beforeAll(async () => {
  world = await registryWorld([eventType('case.completed', 1)]);
});
afterAll(() => world.database.drop());

const create = (owner: Owner, over: object = {}) =>
  world.endpoints.create(
    owner,
    CreateEndpoint.parse({ url: 'https://one.example/hook', ...over }),
    'partner',
    'test',
    undefined,
  );

const secretOf = (id: string) =>
  world.published.findLast(({ topic, key }) => topic === Topics.secrets && key === id)!.value;

const opened = (id: string, sealed: unknown) =>
  world.sealer.open(String(sealed), endpointSecretContext(id)).toString();

test('TW-22 TW-24 an endpoint’s token is shown to its owner; at the same URL a new one has another', async () => {
  const owner = await world.organization();
  const first = await create(owner);
  const { token } = await world.endpoints.token(owner, first.id);
  expect(token).toMatch(/^[0-9a-f]{40}$/);
  expect((await world.endpoints.token(owner, first.id)).token).toBe(token);
  expect(opened(first.id, secretOf(first.id).token)).toBe(token);
  await world.endpoints.remove(owner, first.id);
  const second = await create(owner);
  expect(second.url).toBe(first.url);
  expect((await world.endpoints.token(owner, second.id)).token).not.toBe(token);
});

test('TW-17 TW-18 it has its URL, and a description or none', async () => {
  const owner = await world.organization();
  const { id } = await create(owner, { description: 'the first' });
  expect(await world.endpoints.get(owner, id)).toMatchObject({
    url: 'https://one.example/hook',
    description: 'the first',
  });
  const changed = await world.endpoints.change(owner, id, {
    url: 'https://two.example/hook',
    description: null,
  });
  expect(changed).toMatchObject({ url: 'https://two.example/hook', description: null });
});

test('custom headers are sealed: their names are shown, their values to nobody', async () => {
  const owner = await world.organization();
  const made = await create(owner, { headers: { Authorization: 'Basic abc' } });
  expect(made.headerNames).toEqual(['Authorization']);
  expect(JSON.stringify(world.published)).not.toContain('Basic abc');
  expect(opened(made.id, secretOf(made.id).headers)).toBe('{"Authorization":"Basic abc"}');
  await world.endpoints.change(owner, made.id, { headers: { 'X-Route': 'b' } });
  expect(opened(made.id, secretOf(made.id).headers)).toBe('{"X-Route":"b"}');
  const { token, sealed } = secretOf(made.id);
  const rotated = await world.endpoints.rotateSecret(owner, made.id, undefined);
  expect(rotated.secret).not.toBe(made.secret);
  expect(secretOf(made.id)).toMatchObject({
    token,
    previous: { sealed, until: '2026-06-02T12:00:00.000Z' },
  });
});

test('a rotation that is repeated with its Idempotency-Key rotates once', async () => {
  const owner = await world.organization();
  const { id } = await create(owner);
  const first = await world.endpoints.rotateSecret(owner, id, 'key-1');
  expect(await world.endpoints.rotateSecret(owner, id, 'key-1')).toEqual(first);
});

test('TW-19 ten in all, sandbox and production together', async () => {
  const owner = await world.organization();
  for (let i = 0; i < 10; i++)
    await create(i % 2 === 0 ? owner : { ...owner, environment: 'sandbox' });
  await expect(create({ ...owner, environment: 'sandbox' })).rejects.toMatchObject({
    status: 409,
    code: 'TOO_MANY_ENDPOINTS',
  });
});

test('TG-21 a ping is an event for this endpoint alone, once per Idempotency-Key', async () => {
  const owner = await world.organization();
  const { id } = await create(owner);
  const pings = new PingService(world.registry, world.log, world.now);
  const { eventId } = await pings.ping(owner, id, 'ping-1');
  expect(await pings.ping(owner, id, 'ping-1')).toEqual({ eventId });
  const sent = world.published.filter(({ topic }) => topic === Topics.registryEvents);
  expect(sent).toMatchObject([{ key: id, value: { endpointId: id } }]);
  const stranger = await world.organization();
  await expect(pings.ping(stranger, id, undefined)).rejects.toMatchObject({ status: 404 });
});

describe('a URL that egress can never reach', () => {
  test.each(refusedHosts)('%s is refused, at creation and at a change', async (host) => {
    const url = `https://${host}/hook`;
    const refusal = {
      status: 400,
      code: 'VALIDATION_FAILED',
      errors: [{ field: 'url', rule: expect.stringMatching(/^must not /) }],
    };
    await expect(create(guarded, { url })).rejects.toMatchObject(refusal);
    await expect(world.endpoints.change(guarded, endpointId, { url })).rejects.toMatchObject(
      refusal,
    );
    const callback = { url, dialect: 'casewire' as const };
    const ofAccount = { ...refusal, errors: [{ ...refusal.errors[0], field: 'callback.url' }] };
    await expect(
      world.organizations.change(guarded.organizationId, { callback }),
    ).rejects.toMatchObject(ofAccount);
    await expect(world.organization({ callback })).rejects.toMatchObject(ofAccount);
  });

  let guarded: Owner;
  let endpointId: string;
  beforeAll(async () => {
    guarded = await world.organization();
    ({ id: endpointId } = await create(guarded));
  });

  test('is accepted where an operator allowed its address', async () => {
    const owner = await world.organization({ egress: { allow: ['10.0.0.0/8'] } });
    const url = 'https://10.0.0.1:8443/hook';
    expect(await create(owner, { url })).toMatchObject({ url });
    const egress = { allow: [], plainHttp: false };
    await world.organizations.change(owner.organizationId, { egress });
    await expect(create(owner, { url })).rejects.toMatchObject({ errors: [{ field: 'url' }] });
  });
});
