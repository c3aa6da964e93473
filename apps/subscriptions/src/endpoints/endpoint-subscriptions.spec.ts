import { CreateEndpoint, type SchemaChange } from '@casewire/contracts';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { eventType } from '../../test/event-type.ts';
import {
  createRegistryEnvironment,
  type RegistryEnvironment,
} from '../../test/registry-environment.ts';
import type { Tenant } from './endpoint-record.ts';
import { EndpointSubscriptionsService } from './endpoint-subscriptions.service.ts';

const change: SchemaChange = {
  path: '/result',
  kind: 'property-removed',
  breaking: true,
  reason: 'readers of the old version need it',
};

let environment: RegistryEnvironment;
let service: EndpointSubscriptionsService;
let tenant: Tenant;
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
  tenant = await environment.organization();
  environment.publishType(eventType('case.completed', 2, { status: 'retired' }));
  const command = CreateEndpoint.parse({
    url: 'https://one.example/hook',
    eventTypes: ['case.completed', 'case.submitted'],
  });
  ({ id } = await environment.endpoints.create(tenant, command, 'partner', 'test', undefined));
  environment.publishType(eventType('case.completed', 2, { schema: { title: 'two' } }));
});
afterAll(() => environment.database.drop());

const versions = async () =>
  (await service.getAll(tenant, id)).items.map((one) => [one.eventType, one.version, one.latest]);

test('TW-25 a subscription keeps its version when another version is published', async () => {
  expect(await versions()).toEqual([
    ['case.completed', 1, 2],
    ['case.submitted', 1, 1],
  ]);
  await environment.endpoints.change(tenant, id, { eventTypes: ['case.completed'] });
  expect(await versions()).toEqual([['case.completed', 1, 2]]);
});

test('TW-26 a subscription can be upgraded; the preview and the response show the changes', async () => {
  const upgrade = { eventType: 'case.completed', from: 1, to: 2, changes: [change] };
  expect(await service.preview(tenant, id, 'case.completed', undefined)).toEqual(upgrade);
  expect(await versions()).toContainEqual(['case.completed', 1, 2]);
  expect(await service.upgrade(tenant, id, 'case.completed', 2, undefined)).toEqual(upgrade);
  expect(await versions()).toContainEqual(['case.completed', 2, 2]);
  const published = environment.published.findLast(({ key }) => key === id);
  expect(published?.value.subscriptions).toContainEqual({
    eventType: 'case.completed',
    version: 2,
    names: null,
  });
});

test('TW-27 a subscription cannot be downgraded', async () => {
  await service.upgrade(tenant, id, 'case.completed', undefined, undefined);
  const apiError = {
    status: 409,
    code: 'VERSION_DOWNGRADE',
    errors: [{ field: 'version', rule: 'must be above 2' }],
  };
  await expect(service.preview(tenant, id, 'case.completed', 1)).rejects.toMatchObject(apiError);
  await expect(service.upgrade(tenant, id, 'case.completed', 1, undefined)).rejects.toMatchObject(
    apiError,
  );
  // Subscribing to the same type again does not downgrade it either.
  await environment.endpoints.change(tenant, id, { eventTypes: ['case.completed'] });
  expect(await versions()).toEqual([['case.completed', 2, 2]]);
});

test('TW-28 a new subscription gets the latest version', async () => {
  await service.unsubscribe(tenant, id, 'case.completed');
  expect(await versions()).toEqual([['case.submitted', 1, 1]]);
  await environment.endpoints.change(tenant, id, {
    eventTypes: ['case.submitted', 'case.completed'],
  });
  expect(await versions()).toContainEqual(['case.completed', 2, 2]);
});

test.each([
  ['a version that does not exist', 'case.completed', 7, 422, 'EVENT_VERSION_UNKNOWN'],
  ['a type without a subscription', 'case.erased', undefined, 404, 'NOT_FOUND'],
])('an upgrade to %s is refused', async (_, type, version, status, code) => {
  await expect(service.upgrade(tenant, id, type, version, undefined)).rejects.toMatchObject({
    status,
    code,
  });
});

test('a subscription to * has no version and cannot be upgraded', async () => {
  await environment.endpoints.change(tenant, id, { eventTypes: ['*'] });
  await expect(service.preview(tenant, id, '*', undefined)).rejects.toMatchObject({
    code: 'SUBSCRIPTION_HAS_NO_VERSION',
  });
});

test('an endpoint of another tenant is not found', async () => {
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

describe('a subscription made with a name of the dialect', () => {
  const createInTrustGate = async (...eventTypes: string[]) => {
    environment.publishType(eventType('document.assessed', 1));
    const command = CreateEndpoint.parse({
      url: 'https://one.example/hook',
      dialect: 'trustgate',
      eventTypes,
    });
    ({ id } = await environment.endpoints.create(tenant, command, 'partner', 'test', undefined));
  };
  const subscriptions = async () =>
    (await service.getAll(tenant, id)).items.map((one) => [one.eventType, one.names]);

  test('loses only the name that is unsubscribed', async () => {
    await createInTrustGate('document.rejected', 'document.verified');
    await service.unsubscribe(tenant, id, 'document.rejected');
    expect(await subscriptions()).toEqual([['document.assessed', ['document.verified']]]);
    await expect(service.unsubscribe(tenant, id, 'document.rejected')).rejects.toMatchObject({
      status: 404,
    });
    await service.unsubscribe(tenant, id, 'document.verified');
    expect(await subscriptions()).toEqual([]);
  });

  test('is removed by the catalog’s name', async () => {
    await createInTrustGate('document.rejected', 'document.verified');
    await service.unsubscribe(tenant, id, 'document.assessed');
    expect(await subscriptions()).toEqual([]);
  });

  test('keeps the other names of a type that was subscribed to by the catalog’s name', async () => {
    await createInTrustGate('document.assessed');
    await service.unsubscribe(tenant, id, 'document.rejected');
    expect(await subscriptions()).toEqual([['document.assessed', ['document.verified']]]);
  });

  test('can be upgraded with that name', async () => {
    await createInTrustGate('document.rejected');
    environment.publishType(eventType('document.assessed', 2, { schema: { title: 'two' } }));
    const upgrade = { eventType: 'document.assessed', from: 1, to: 2 };
    expect(await service.preview(tenant, id, 'document.rejected', undefined)).toMatchObject(
      upgrade,
    );
    expect(
      await service.upgrade(tenant, id, 'document.rejected', undefined, undefined),
    ).toMatchObject(upgrade);
    expect(await subscriptions()).toEqual([['document.assessed', ['document.rejected']]]);
    environment.publishType(eventType('document.assessed', 2, { status: 'retired' }));
  });

  test('is not found by a name of another dialect', async () => {
    await expect(service.unsubscribe(tenant, id, 'ResultNotification')).rejects.toMatchObject({
      status: 404,
    });
  });
});
