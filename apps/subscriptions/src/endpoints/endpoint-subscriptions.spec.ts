import { CreateEndpoint, type SchemaChange } from '@casewire/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { eventType } from '../../test/event-type.ts';
import {
  createRegistryEnvironment,
  type RegistryEnvironment,
} from '../../test/registry-environment.ts';
import type { Owner } from './endpoint-record.ts';
import { EndpointSubscriptionsService } from './endpoint-subscriptions.service.ts';

const change: SchemaChange = {
  path: '/result',
  kind: 'property-removed',
  breaking: true,
  reason: 'readers of the old version need it',
};

let environment: RegistryEnvironment;
let service: EndpointSubscriptionsService;
let owner: Owner;
let id: string;
beforeAll(async () => {
  environment = await createRegistryEnvironment([
    eventType('case.completed', 1),
    eventType('case.submitted', 1),
  ]);
  service = new EndpointSubscriptionsService(
    environment.registry,
    environment.catalog,
    (before, after) => (before.title === after.title ? [] : [change]),
  );
});
beforeEach(async () => {
  owner = await environment.organization();
  environment.publishType(eventType('case.completed', 2, { status: 'retired' }));
  const command = CreateEndpoint.parse({
    url: 'https://one.example/hook',
    eventTypes: ['case.completed', 'case.submitted'],
  });
  ({ id } = await environment.endpoints.create(owner, command, 'partner', 'test', undefined));
  environment.publishType(eventType('case.completed', 2, { schema: { title: 'two' } }));
});
afterAll(() => environment.database.drop());

const versions = async () =>
  (await service.getAll(owner, id)).items.map((one) => [one.eventType, one.version, one.latest]);

test('TW-25 a subscription stays at its version when another is published', async () => {
  expect(await versions()).toEqual([
    ['case.completed', 1, 2],
    ['case.submitted', 1, 1],
  ]);
  await environment.endpoints.change(owner, id, { eventTypes: ['case.completed'] });
  expect(await versions()).toEqual([['case.completed', 1, 2]]);
});

test('TW-26 it can be upgraded, and is shown what that changes, before and as the answer', async () => {
  const upgrade = { eventType: 'case.completed', from: 1, to: 2, changes: [change] };
  expect(await service.preview(owner, id, 'case.completed', undefined)).toEqual(upgrade);
  expect(await versions()).toContainEqual(['case.completed', 1, 2]);
  expect(await service.upgrade(owner, id, 'case.completed', 2, undefined)).toEqual(upgrade);
  expect(await versions()).toContainEqual(['case.completed', 2, 2]);
  const told = environment.published.findLast(({ key }) => key === id);
  expect(told?.value.subscriptions).toContainEqual({
    eventType: 'case.completed',
    version: 2,
    names: null,
  });
});

test('TW-27 it cannot be downgraded', async () => {
  await service.upgrade(owner, id, 'case.completed', undefined, undefined);
  const refusal = {
    status: 409,
    code: 'VERSION_DOWNGRADE',
    errors: [{ field: 'version', rule: 'must be above 2' }],
  };
  await expect(service.preview(owner, id, 'case.completed', 1)).rejects.toMatchObject(refusal);
  await expect(service.upgrade(owner, id, 'case.completed', 1, undefined)).rejects.toMatchObject(
    refusal,
  );
  // Nor by subscribing to the same once more.
  await environment.endpoints.change(owner, id, { eventTypes: ['case.completed'] });
  expect(await versions()).toEqual([['case.completed', 2, 2]]);
});

test('TW-28 what is subscribed to anew is at the latest version', async () => {
  await service.unsubscribe(owner, id, 'case.completed');
  expect(await versions()).toEqual([['case.submitted', 1, 1]]);
  await environment.endpoints.change(owner, id, {
    eventTypes: ['case.submitted', 'case.completed'],
  });
  expect(await versions()).toContainEqual(['case.completed', 2, 2]);
});

test.each([
  ['a version that there is not', 'case.completed', 7, 422, 'EVENT_VERSION_UNKNOWN'],
  ['a type that was not subscribed to', 'case.erased', undefined, 404, 'NOT_FOUND'],
])('an upgrade to %s is refused', async (_, type, version, status, code) => {
  await expect(service.upgrade(owner, id, type, version, undefined)).rejects.toMatchObject({
    status,
    code,
  });
});

test('* has no version to upgrade', async () => {
  await environment.endpoints.change(owner, id, { eventTypes: ['*'] });
  await expect(service.preview(owner, id, '*', undefined)).rejects.toMatchObject({
    code: 'SUBSCRIPTION_HAS_NO_VERSION',
  });
});

test('another tenant’s endpoint is not there', async () => {
  const stranger = await environment.organization();
  const attempts = [
    () => service.getAll(stranger, id),
    () => service.preview(stranger, id, 'case.completed', undefined),
    () => service.upgrade(stranger, id, 'case.completed', undefined, undefined),
    () => service.unsubscribe(stranger, id, 'case.completed'),
    () => environment.endpoints.token(stranger, id),
  ];
  for (const attempt of attempts) await expect(attempt()).rejects.toMatchObject({ status: 404 });
});

describe('what was subscribed to by a name of the dialect', () => {
  const inTrustGate = async (...eventTypes: string[]) => {
    environment.publishType(eventType('document.assessed', 1));
    const command = CreateEndpoint.parse({
      url: 'https://one.example/hook',
      dialect: 'trustgate',
      eventTypes,
    });
    ({ id } = await environment.endpoints.create(owner, command, 'partner', 'test', undefined));
  };
  const subscriptions = async () =>
    (await service.getAll(owner, id)).items.map((one) => [one.eventType, one.names]);

  test('is ended by that name, and only that name', async () => {
    await inTrustGate('document.rejected', 'document.verified');
    await service.unsubscribe(owner, id, 'document.rejected');
    expect(await subscriptions()).toEqual([['document.assessed', ['document.verified']]]);
    await expect(service.unsubscribe(owner, id, 'document.rejected')).rejects.toMatchObject({
      status: 404,
    });
    await service.unsubscribe(owner, id, 'document.verified');
    expect(await subscriptions()).toEqual([]);
  });

  test('is ended as a whole by the catalog’s name', async () => {
    await inTrustGate('document.rejected', 'document.verified');
    await service.unsubscribe(owner, id, 'document.assessed');
    expect(await subscriptions()).toEqual([]);
  });

  test('leaves the other names of a type that was subscribed to with all of them', async () => {
    await inTrustGate('document.assessed');
    await service.unsubscribe(owner, id, 'document.rejected');
    expect(await subscriptions()).toEqual([['document.assessed', ['document.verified']]]);
  });

  test('is upgraded by that name', async () => {
    await inTrustGate('document.rejected');
    environment.publishType(eventType('document.assessed', 2, { schema: { title: 'two' } }));
    const upgrade = { eventType: 'document.assessed', from: 1, to: 2 };
    expect(await service.preview(owner, id, 'document.rejected', undefined)).toMatchObject(upgrade);
    expect(
      await service.upgrade(owner, id, 'document.rejected', undefined, undefined),
    ).toMatchObject(upgrade);
    expect(await subscriptions()).toEqual([['document.assessed', ['document.rejected']]]);
    environment.publishType(eventType('document.assessed', 2, { status: 'retired' }));
  });

  test('of another dialect is not there', async () => {
    await expect(service.unsubscribe(owner, id, 'ResultNotification')).rejects.toMatchObject({
      status: 404,
    });
  });
});
