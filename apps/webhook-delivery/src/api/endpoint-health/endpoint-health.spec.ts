import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { deliveryDatabase, type DeliveryDatabase } from '../../../test/delivery-database.ts';
import { drain } from '../../../test/drain.ts';
import { endpoint, resultOf, Partition } from '../../../test/events.ts';
import { tenant, RegistryFixture, sealer } from '../../../test/replay-fixture.ts';
import { IdempotentHandler } from '../idempotent-handler.ts';
import { EndpointHealthService } from './endpoint-health.service.ts';

let database: DeliveryDatabase;
let registered: RegistryFixture;
let health: EndpointHealthService;
let woken: number;
beforeAll(async () => {
  database = await deliveryDatabase();
});
beforeEach(async () => {
  await database.clear();
  woken = 0;
  registered = new RegistryFixture();
  health = new EndpointHealthService(
    database.pool,
    registered.own,
    database.store,
    new IdempotentHandler(database.pool, sealer),
    () => void woken++,
  );
});
afterAll(() => database.drop());

const healthyAndIdle = {
  enabled: true,
  suspended: null,
  failingSince: null,
  lastDeliveredAt: null,
  pausedUntil: null,
  inFlightLimit: 64,
  pending: 0,
  blocked: 0,
};

test('an endpoint without any event yet is healthy', async () => {
  const { id } = registered.add(endpoint({ maxInFlight: 7 }));
  expect(await health.get(tenant, id)).toEqual({
    ...healthyAndIdle,
    endpointId: id,
    inFlightLimit: 7,
  });
});

test('the health counts open deliveries and blocked lanes, and shows failures', async () => {
  const to = registered.add(endpoint());
  await database.store.ingest(
    new Partition().batch([to], { key: 'a' }, { key: 'a' }, { key: 'b' }, { key: 'c' }),
  );
  const by = randomUUID();
  const heads = await database.store.claim(by, 10);
  const outcomeByKey = { a: 'blocked', b: 'failed', c: 'delivered' } as const;
  const keys = new Map((await database.inspect.lanes()).map(({ id, key }) => [id, key]));
  const outcomes = heads.map((head) =>
    resultOf(head, outcomeByKey[keys.get(head.laneId) as keyof typeof outcomeByKey]),
  );
  await database.store.recordResults(by, outcomes);
  expect(await health.get(tenant, to.id)).toMatchObject({
    failingSince: null,
    lastDeliveredAt: expect.any(String),
    pending: 3,
    blocked: 1,
  });
  const again = await database.store.claim(by, 10);
  await database.store.recordResults(
    by,
    again.map((head) => resultOf(head, 'failed', { status: 503, requestedPauseMs: 60_000 })),
  );
  const { failingSince, pausedUntil, inFlightLimit } = await health.get(tenant, to.id);
  expect(failingSince).not.toBeNull();
  expect(new Date(pausedUntil!).getTime()).toBeGreaterThan(Date.now());
  expect(inFlightLimit).toBe(32);
});

test('a suspended endpoint shows why; after it is resumed, the waiting deliveries are sent in order', async () => {
  const to = registered.add(endpoint());
  const partition = new Partition();
  await database.store.ingest(partition.batch([to], {}));
  await database.store.suspend(to.id, 'gone');
  await database.store.ingest(partition.batch([to], {}, {}));
  expect(await drain(database.store)).toEqual([]);
  expect(await health.get(tenant, to.id)).toMatchObject({
    suspended: { since: expect.any(String), reason: 'gone' },
    pending: 3,
  });
  expect(await health.resume(tenant, to.id, undefined)).toMatchObject({ suspended: null });
  expect(woken).toBe(1);
  expect((await drain(database.store)).map(({ seq }) => seq)).toEqual(['1', '2', '3']);
  expect(await health.resume(tenant, to.id, undefined)).toMatchObject({ suspended: null });
  expect(woken).toBe(1);
});

test('whether an endpoint is enabled comes from the registry', async () => {
  const to = registered.add(endpoint({ enabled: false }));
  expect(await health.get(tenant, to.id)).toMatchObject({ enabled: false });
});

test('another tenant’s endpoint is not found', async () => {
  const foreign = registered.add(endpoint({ organizationId: randomUUID() }));
  const elsewhere = registered.add(endpoint({ environment: 'production' }));
  for (const id of [foreign.id, elsewhere.id, randomUUID()]) {
    await expect(health.get(tenant, id)).rejects.toMatchObject({ status: 404 });
    await expect(health.resume(tenant, id, undefined)).rejects.toMatchObject({ status: 404 });
  }
});
