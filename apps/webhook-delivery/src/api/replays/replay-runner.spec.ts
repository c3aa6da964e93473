import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import {
  deliveryDatabase,
  expectNoFaults,
  type DeliveryDatabase,
} from '../../../test/delivery-database.ts';
import { drain } from '../../../test/drain.ts';
import { endpoint } from '../../../test/events.ts';
import { tenant, ReplayFixture } from '../../../test/replay-fixture.ts';

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

const expectInOrder = (order: readonly string[], lanes: readonly string[][]) => {
  expect(order).toHaveLength(lanes.flat().length);
  for (const lane of lanes) expect(order.filter((id) => lane.includes(id))).toEqual(lane);
};

test('a large period is found and queued in steps, each event once and in order', async () => {
  const lanes = await replaying.deliveredOverLanes(60);
  const { id } = await replaying.create(replaying.ofEverything());
  const runners = [replaying.runner(), replaying.runner()];
  await Promise.all(runners.map((runner) => replaying.queueAll(runner)));
  await replaying.queueAll();
  expect((await replaying.service.get(tenant, id)).progress.queued).toBe(1200);
  expectInOrder(await replaying.replayed(), lanes);
});

const delivered = async (count: number) => {
  const ids = await replaying.ingest(...Array.from({ length: count }, () => ({})));
  await drain(database.store);
  return ids;
};

test.each([
  ['before anything was put into lanes', false],
  ['after deliveries were put into lanes, and before that was stored', true],
])(
  'a replay that is interrupted %s is continued by another instance, each event once and in order',
  async (_, putsFirst) => {
    const lanes = await replaying.deliveredOverLanes(30);
    await replaying.create(replaying.ofEverything());
    let left = 2;
    const dying = replaying.runner({
      async enqueueReplay(...given) {
        const dies = --left === 0;
        if (!dies || putsFirst) await database.store.enqueueReplay(...given);
        if (dies) throw new Error('Connection terminated unexpectedly');
        return 1;
      },
    });
    await expect(replaying.queueAll(dying)).rejects.toThrow('terminated');
    await replaying.queueAll();
    expectInOrder(await replaying.replayed(), lanes);
  },
);

test('a replay opens a limited number of lanes at the same time, so that other lanes do not wait for all of them', async () => {
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) {
    const events = Array.from({ length: 500 }, (_, n) => ({ key: `${i}-${n}` }));
    ids.push(...(await replaying.ingest(...events)));
  }
  await drain(database.store);
  const { id } = await replaying.create(replaying.ofEverything());
  const runner = replaying.runner(database.store, { maxOpenLanes: 600 });
  await replaying.queueAll(runner);
  expect((await replaying.service.get(tenant, id)).progress).toMatchObject({ queued: 1000 });
  expect(await replaying.replayed()).toHaveLength(1000);
  await replaying.queueAll(runner);
  expect(await replaying.replayed()).toHaveLength(500);
  await replaying.queueAll(runner);
  expect(await replaying.service.get(tenant, id)).toMatchObject({
    state: 'completed',
    progress: { queued: ids.length, delivered: ids.length },
  });
});

test('a replay with an error of its own fails, and other replays continue', async () => {
  await delivered(1);
  const { id } = await replaying.create(replaying.ofKey('case-1'));
  const broken = replaying.runner({ enqueueReplay: () => Promise.reject(new TypeError('no')) });
  await replaying.queueAll(broken);
  expect(await replaying.service.get(tenant, id)).toMatchObject({ state: 'failed' });
  expect(replaying.log.events).toContain('replay.failed');
  const other = await replaying.create(replaying.ofKey('case-1'));
  await replaying.queueAll();
  expect(await replaying.replayed()).toHaveLength(1);
  await replaying.queueAll();
  expect(await replaying.service.get(tenant, other.id)).toMatchObject({ state: 'completed' });
});

test('a replay fails if its endpoint is deleted before everything is queued', async () => {
  await delivered(2);
  const { id } = await replaying.create(replaying.ofKey('case-1'));
  await database.store.deleteDestination(replaying.to.id);
  await replaying.queueAll();
  expect(await replaying.service.get(tenant, id)).toMatchObject({
    state: 'failed',
    progress: { queued: 0 },
  });
});

test('a replay skips erased events', async () => {
  await delivered(2);
  const { id } = await replaying.create(replaying.ofKey('case-1'));
  await replaying.ingest({ type: 'case.erased' });
  await drain(database.store);
  await replaying.queueAll();
  expect(await replaying.replayed()).toEqual([]);
  await replaying.queueAll();
  expect(await replaying.service.get(tenant, id)).toMatchObject({
    state: 'completed',
    progress: { queued: 0 },
  });
});

test('a replay of an endpoint without deliveries completes at once', async () => {
  const fresh = replaying.registered.add(endpoint());
  const { id } = await replaying.create({ ...replaying.ofKey('case-1'), endpointId: fresh.id });
  await replaying.queueAll();
  expect(await replaying.service.get(tenant, id)).toMatchObject({ state: 'completed' });
});

test('a canceled replay sends nothing more; canceling it again changes nothing, and a completed one cannot be canceled', async () => {
  await replaying.deliveredOverLanes(30);
  const { id } = await replaying.create(replaying.ofEverything());
  const runner = replaying.runner();
  for (let steps = 0; steps < 3; steps++) await runner.round();
  expect((await replaying.service.get(tenant, id)).progress).toMatchObject({ queued: 500 });
  const canceled = await replaying.service.cancel(tenant, id, undefined);
  expect(canceled).toMatchObject({
    state: 'canceled',
    progress: { queued: 500, pending: 0, canceled: 500 },
  });
  await replaying.queueAll();
  expect(await replaying.replayed()).toEqual([]);
  expect((await database.pool.query('select from replay_item')).rowCount).toBe(0);
  expect(await replaying.service.cancel(tenant, id, undefined)).toEqual(canceled);
  const done = await replaying.create(replaying.ofKey('nothing'));
  await replaying.queueAll();
  await expect(replaying.service.cancel(tenant, done.id, undefined)).rejects.toMatchObject({
    status: 409,
    code: 'REPLAY_ENDED',
  });
});

test('a replay is created once per Idempotency-Key, and the runner is woken', async () => {
  await delivered(1);
  const key = randomUUID();
  const both = await Promise.all([
    replaying.create(replaying.ofKey('case-1'), key),
    replaying.create(replaying.ofKey('case-1'), key),
  ]);
  expect(both[0]).toEqual(both[1]);
  expect(replaying.woken).toBe(2);
  expect((await replaying.service.getAll(tenant, { limit: 10 })).items).toHaveLength(1);
  await expect(replaying.create(replaying.ofKey('case-2'), key)).rejects.toMatchObject({
    status: 422,
    code: 'IDEMPOTENCY_KEY_REUSED',
  });
});

test('a replay of an endpoint that was just registered waits for the registry; another tenant’s endpoint is not found', async () => {
  const late = endpoint();
  replaying.registered.onCatchUp = () => void replaying.registered.add(late);
  await expect(
    replaying.create({ ...replaying.ofKey('case-1'), endpointId: late.id }),
  ).resolves.toMatchObject({ state: 'running' });
  const theirs = replaying.registered.add(endpoint({ environment: 'production' }));
  await expect(
    replaying.create({ ...replaying.ofKey('case-1'), endpointId: theirs.id }),
  ).rejects.toMatchObject({ status: 404 });
});

test('only its tenant can read a replay; the list is newest first, page by page', async () => {
  const created = [];
  for (const key of ['a', 'b', 'c'])
    created.push((await replaying.create(replaying.ofKey(key))).id);
  const stranger = { ...tenant, environment: 'production' };
  await expect(replaying.service.get(stranger, created[0]!)).rejects.toMatchObject({ status: 404 });
  await expect(replaying.service.cancel(stranger, created[0]!, undefined)).rejects.toMatchObject({
    status: 404,
  });
  expect((await replaying.service.getAll(stranger, { limit: 10 })).items).toEqual([]);
  const first = await replaying.service.getAll(tenant, { limit: 2 });
  expect(first.items.map(({ id }) => id)).toEqual([created[2], created[1]]);
  const second = await replaying.service.getAll(tenant, { limit: 2, cursor: first.next! });
  expect(second.items.map(({ id }) => id)).toEqual([created[0]]);
  expect(second.next).toBeNull();
});

test.each([
  [
    'a period that ends before it begins',
    { kind: 'period', from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' },
    'to',
  ],
  ['a moment before 1970', { kind: 'failed', since: '0000-01-01T00:00:00Z' }, 'since'],
  ['a key with NUL', { kind: 'key', topic: 'events.casewire', key: 'a\0b' }, 'key'],
  ['a topic with half a character', { kind: 'key', topic: 'a\ud800', key: 'a' }, 'topic'],
])('a replay of %s is refused, and the error names the field', async (_, command, field) => {
  await expect(
    replaying.create({ ...command, endpointId: replaying.to.id } as never),
  ).rejects.toMatchObject({ status: 400, errors: [{ field }] });
});
