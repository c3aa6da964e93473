import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import {
  deliveryDatabase,
  expectNoFaults,
  type DeliveryDatabase,
} from '../../../test/delivery-database.ts';
import { drain } from '../../../test/drain.ts';
import { callback, resultOf, Partition } from '../../../test/events.ts';
import { tenant, ReplayFixture } from '../../../test/replay-fixture.ts';

const longAgo = '2020-01-01T00:00:00Z';
let database: DeliveryDatabase;
let replaying: ReplayFixture;
beforeAll(async () => {
  database = await deliveryDatabase();
});
beforeEach(async () => {
  await database.clear();
  await database.pool.query('delete from idempotency_key');
  replaying = new ReplayFixture(database);
});
afterEach(() => expectNoFaults(database));
afterAll(() => database.drop());

/** Records this outcome for every due head, until none is due. */
const settleAll = async (outcome: 'delivered' | 'exhausted') => {
  const by = randomUUID();
  for (;;) {
    const heads = await database.store.claim(by, 100);
    if (heads.length === 0) return;
    await database.store.recordResults(
      by,
      heads.map((head) => resultOf(head, outcome)),
    );
    await database.pool.query(
      `update destination set gate_until = '-infinity', failures = 0, trips = 0, in_flight_limit = max_in_flight`,
    );
  }
};
const deliveryOf = async (eventId: string) => {
  const found = (await database.inspect.deliveries()).find((one) => one.eventId === eventId);
  return found!.id;
};
const failedSince = (since: string) =>
  ({ kind: 'failed', endpointId: replaying.to.id, since }) as const;

describe('a replay of one delivery', () => {
  test('sends it again with its id and its bytes, and completes when it is delivered', async () => {
    const [id] = await replaying.ingest({ data: { said: 'once' } });
    const [first] = await drain(database.store);
    const { id: job } = await replaying.create({
      kind: 'delivery',
      deliveryId: await deliveryOf(id!),
    });
    await replaying.queueAll();
    expect(await replaying.service.get(tenant, job)).toMatchObject({
      state: 'running',
      endpointId: replaying.to.id,
      progress: { queued: 1, pending: 1 },
    });
    const [again] = await drain(database.store);
    expect(again).toMatchObject({ eventId: id, replayJob: job, headers: first!.headers });
    expect(again!.body.equals(first!.body)).toBe(true);
    await replaying.queueAll();
    expect(await replaying.service.get(tenant, job)).toMatchObject({
      state: 'completed',
      finishedAt: expect.any(String),
      progress: { queued: 1, pending: 0, delivered: 1, exhausted: 0, canceled: 0 },
    });
  });

  test('sends it to its callback URL again', async () => {
    const batch = new Partition().batch([{ callback: callback('https://one.example/cb') }], {});
    await database.store.ingest(batch);
    const [first] = await drain(database.store);
    const { endpointId } = await replaying.create({
      kind: 'delivery',
      deliveryId: first!.deliveryId,
    });
    expect(endpointId).toBeNull();
    await replaying.queueAll();
    expect(await drain(database.store)).toMatchObject([{ destinationId: first!.destinationId }]);
  });

  test('is refused if it is open, erased, or its endpoint was deleted; an unknown delivery is not found', async () => {
    const [id] = await replaying.ingest({});
    const command = { kind: 'delivery', deliveryId: await deliveryOf(id!) } as const;
    await expect(replaying.create(command)).rejects.toMatchObject({
      status: 409,
      code: 'DELIVERY_OPEN',
    });
    await drain(database.store);
    await replaying.ingest({ type: 'case.erased' });
    await expect(replaying.create(command)).rejects.toMatchObject({ code: 'DELIVERY_ERASED' });
    await database.store.deleteDestination(replaying.to.id);
    await expect(replaying.create(command)).rejects.toMatchObject({ code: 'ENDPOINT_DELETED' });
    await expect(
      replaying.create({ kind: 'delivery', deliveryId: '999999999' }),
    ).rejects.toMatchObject({ status: 404 });
    const stranger = { organizationId: randomUUID(), environment: 'sandbox' };
    await expect(replaying.service.create(stranger, command, undefined)).rejects.toMatchObject({
      status: 404,
    });
  });
});

describe('a replay of failed deliveries', () => {
  test('sends those since a moment in the order of their lanes, including what another replay exhausted', async () => {
    const ids = await replaying.ingest({}, {}, {});
    await settleAll('exhausted');
    // The first event is exhausted once more, after all others.
    await replaying.create({ kind: 'delivery', deliveryId: await deliveryOf(ids[0]!) });
    await replaying.queueAll();
    await settleAll('exhausted');
    await replaying.create(failedSince(longAgo));
    await replaying.queueAll();
    expect(await replaying.replayed()).toEqual(ids);
  });

  test('skips what failed before that moment, or was delivered by another replay', async () => {
    const [old] = await replaying.ingest({ key: 'old' });
    await settleAll('exhausted');
    await database.pool.query(`update undelivered set settled_at = now() - interval '1 day'`);
    const [one, two] = await replaying.ingest({ key: 'a' }, { key: 'b' });
    await settleAll('exhausted');
    await replaying.create({ kind: 'delivery', deliveryId: await deliveryOf(one!) });
    await replaying.queueAll();
    await settleAll('delivered');
    const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
    await replaying.create(failedSince(hourAgo));
    await replaying.queueAll();
    expect(await replaying.replayed()).toEqual([two]);
    await replaying.create(failedSince(longAgo));
    await replaying.queueAll();
    expect(await replaying.replayed()).toEqual([old]);
  });

  test('runs while the original lanes continue', async () => {
    const [lost] = await replaying.ingest({});
    await settleAll('exhausted');
    await replaying.create(failedSince(longAgo));
    await replaying.queueAll();
    const [live] = await replaying.ingest({});
    const by = randomUUID();
    const heads = await database.store.claim(by, 10);
    expect(heads.map(({ eventId }) => eventId).toSorted()).toEqual([lost, live].toSorted());
    await database.store.release(by, heads);
  });

  test('includes expired ones', async () => {
    const ids = await replaying.ingest({}, {});
    await database.store.suspend(replaying.to.id, 'failing');
    await database.pool.query(
      `update destination set suspended_at = now() - interval '40 days';
       update delivery set created_at = now() - interval '40 days'`,
    );
    expect(await database.store.expire(new Date(Date.now() - 86_400_000))).toBe(2);
    await database.store.resume(replaying.to.id);
    await replaying.create(failedSince(longAgo));
    await replaying.queueAll();
    expect(await replaying.replayed()).toEqual(ids);
  });
});

describe('a replay of a period', () => {
  test('sends events from its beginning until before its end, in order, without open deliveries', async () => {
    const at = (minute: number) => ({ occurredAt: `2026-01-22T10:0${minute}:00.000Z` });
    const ids = await replaying.ingest(at(1), at(2), at(3), at(4));
    await drain(database.store);
    await replaying.ingest(at(3));
    const period = { kind: 'period', endpointId: replaying.to.id } as const;
    await replaying.create({ ...period, from: '2026-01-22T10:02:00Z', to: '2026-01-22T10:04:00Z' });
    await replaying.queueAll();
    expect(await replaying.replayed()).toEqual(ids.slice(1, 3));
  });
});

test('a replay of a key sends all its events, with and without a feature, each feature in order', async () => {
  const ids = await replaying.ingest(
    { key: 'case-7', feature: 'extraction' },
    { key: 'case-7', feature: 'forensics' },
    { key: 'case-8' },
    { key: 'case-7', feature: 'extraction' },
    { key: 'case-7', eventType: { ordering: 'none' } },
  );
  await drain(database.store);
  await replaying.create(replaying.ofKey('case-7'));
  await replaying.queueAll();
  const order = await replaying.replayed();
  expect(order.toSorted()).toEqual([ids[0], ids[1], ids[3], ids[4]].toSorted());
  expect(order.indexOf(ids[0]!)).toBeLessThan(order.indexOf(ids[3]!));
});
