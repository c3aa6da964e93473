import { randomUUID } from 'node:crypto';

import type { Endpoint } from '@casewire/contracts';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import {
  deliveryDatabase,
  expectNoFaults,
  type DeliveryDatabase,
} from '../testing/delivery-database.ts';
import { drain } from '../testing/drain.ts';
import { callback, endpoint, outcomeOf, Partition, type EventOver } from '../testing/events.ts';
import { owner, Replaying } from '../testing/operations.ts';

const longAgo = '2020-01-01T00:00:00Z';
let database: DeliveryDatabase;
let replaying: Replaying;
let to: Endpoint;
let partition: Partition;
beforeAll(async () => {
  database = await deliveryDatabase();
});
beforeEach(async () => {
  await database.clear();
  await database.pool.query('delete from idempotency_key');
  replaying = new Replaying(database);
  to = replaying.registered.add(endpoint());
  partition = new Partition();
});
afterEach(() => expectNoFaults(database));
afterAll(() => database.drop());

const ingest = async (...events: EventOver[]) => {
  const batch = partition.batch([to], ...events);
  await database.store.ingest(batch);
  return batch.events.map(({ event }) => event.id);
};
/** Every head that is due is answered so, until none is. */
const answerAll = async (verdict: 'delivered' | 'exhausted') => {
  const by = randomUUID();
  for (;;) {
    const heads = await database.store.claim(by, 100);
    if (heads.length === 0) return;
    await database.store.finish(
      by,
      heads.map((head) => outcomeOf(head, verdict)),
    );
    await database.pool.query(
      `update destination set gate_until = '-infinity', failures = 0, trips = 0, in_flight_limit = max_in_flight`,
    );
  }
};
const replayed = async () => {
  const heads = await drain(database.store);
  return heads.filter(({ replayJob }) => replayJob !== null).map(({ eventId }) => eventId);
};
const deliveryOf = async (eventId: string) => {
  const found = (await database.inspect.deliveries()).find((one) => one.eventId === eventId);
  return found!.id;
};
const failedSince = (since: string) => ({ kind: 'failed', endpointId: to.id, since }) as const;
/** What came in order, in each of some lanes. */
const keys = Array.from({ length: 20 }, (_, i) => `key-${i}`);
const deliveredOverKeys = async (perKey: number) => {
  const events = Array.from({ length: perKey }, () => keys.map((key) => ({ key }))).flat();
  const ids = await ingest(...events);
  await drain(database.store);
  return keys.map((_, i) => ids.filter((_id, n) => n % keys.length === i));
};
const expectInOrder = (order: readonly string[], lanes: readonly string[][]) => {
  expect(order).toHaveLength(lanes.flat().length);
  for (const lane of lanes) expect(order.filter((id) => lane.includes(id))).toEqual(lane);
};
const everything = () =>
  ({ kind: 'period', endpointId: to.id, from: longAgo, to: '2027-01-01T00:00:00Z' }) as const;
const keyOf = (key: string) =>
  ({ kind: 'key', endpointId: to.id, topic: 'events.casewire', key }) as const;

describe('one delivery', () => {
  test('is sent again with its id and its bytes, and the replay is completed when it was answered', async () => {
    const [id] = await ingest({ data: { said: 'once' } });
    const [first] = await drain(database.store);
    const { id: job } = await replaying.create({
      kind: 'delivery',
      deliveryId: await deliveryOf(id!),
    });
    await replaying.queueAll();
    expect(await replaying.service.get(owner, job)).toMatchObject({
      state: 'running',
      endpointId: to.id,
      progress: { queued: 1, pending: 1 },
    });
    const [again] = await drain(database.store);
    expect(again).toMatchObject({ eventId: id, replayJob: job, headers: first!.headers });
    expect(again!.body.equals(first!.body)).toBe(true);
    await replaying.queueAll();
    expect(await replaying.service.get(owner, job)).toMatchObject({
      state: 'completed',
      finishedAt: expect.any(String),
      progress: { queued: 1, pending: 0, delivered: 1, exhausted: 0, canceled: 0 },
    });
  });

  test('to a callback URL is sent there again', async () => {
    const batch = partition.batch([{ callback: callback('https://one.example/cb') }], {});
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

  test('that is open, erased, or whose endpoint is no more cannot be; one that is not there is not found', async () => {
    const [id] = await ingest({});
    const command = { kind: 'delivery', deliveryId: await deliveryOf(id!) } as const;
    await expect(replaying.create(command)).rejects.toMatchObject({
      status: 409,
      code: 'DELIVERY_OPEN',
    });
    await drain(database.store);
    await ingest({ type: 'case.erased' });
    await expect(replaying.create(command)).rejects.toMatchObject({ code: 'DELIVERY_ERASED' });
    await database.store.deleteDestination(to.id);
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

describe('what failed', () => {
  test('since a moment comes again in the order of its lanes, with what was given up by a replay in between', async () => {
    const ids = await ingest({}, {}, {});
    await answerAll('exhausted');
    // The first event is given up once more, behind all others.
    await replaying.create({ kind: 'delivery', deliveryId: await deliveryOf(ids[0]!) });
    await replaying.queueAll();
    await answerAll('exhausted');
    await replaying.create(failedSince(longAgo));
    await replaying.queueAll();
    expect(await replayed()).toEqual(ids);
  });

  test('before that moment, or was delivered by a replay since, is passed over', async () => {
    const [old] = await ingest({ key: 'old' });
    await answerAll('exhausted');
    await database.pool.query(`update given_up set settled_at = now() - interval '1 day'`);
    const [one, two] = await ingest({ key: 'a' }, { key: 'b' });
    await answerAll('exhausted');
    await replaying.create({ kind: 'delivery', deliveryId: await deliveryOf(one!) });
    await replaying.queueAll();
    await answerAll('delivered');
    const hourAgo = new Date(Date.now() - 3_600_000).toISOString();
    await replaying.create(failedSince(hourAgo));
    await replaying.queueAll();
    expect(await replayed()).toEqual([two]);
    await replaying.create(failedSince(longAgo));
    await replaying.queueAll();
    expect(await replayed()).toEqual([old]);
  });

  test('goes out while the lanes themselves go on', async () => {
    const [lost] = await ingest({});
    await answerAll('exhausted');
    await replaying.create(failedSince(longAgo));
    await replaying.queueAll();
    const [live] = await ingest({});
    const by = randomUUID();
    const heads = await database.store.claim(by, 10);
    expect(heads.map(({ eventId }) => eventId).toSorted()).toEqual([lost, live].toSorted());
    await database.store.release(by, heads);
  });

  test('also where it expired', async () => {
    const ids = await ingest({}, {});
    await database.store.suspend(to.id, 'failing');
    await database.pool.query(
      `update destination set suspended_at = now() - interval '40 days';
       update delivery set created_at = now() - interval '40 days'`,
    );
    expect(await database.store.expire(new Date(Date.now() - 86_400_000))).toBe(2);
    await database.store.resume(to.id);
    await replaying.create(failedSince(longAgo));
    await replaying.queueAll();
    expect(await replayed()).toEqual(ids);
  });
});

describe('a period', () => {
  test('is what happened from its beginning up to its end, in order, without what is still to come', async () => {
    const at = (minute: number) => ({ occurredAt: `2026-01-22T10:0${minute}:00.000Z` });
    const ids = await ingest(at(1), at(2), at(3), at(4));
    await drain(database.store);
    await ingest(at(3));
    const period = { kind: 'period', endpointId: to.id } as const;
    await replaying.create({ ...period, from: '2026-01-22T10:02:00Z', to: '2026-01-22T10:04:00Z' });
    await replaying.queueAll();
    expect(await replayed()).toEqual(ids.slice(1, 3));
  });

  test('that is large is found and queued in steps, each event once and in order', async () => {
    const lanes = await deliveredOverKeys(60);
    const { id } = await replaying.create(everything());
    const runners = [replaying.runner(), replaying.runner()];
    await Promise.all(runners.map((runner) => replaying.queueAll(runner)));
    await replaying.queueAll();
    expect((await replaying.service.get(owner, id)).progress.queued).toBe(1200);
    expectInOrder(await replayed(), lanes);
  });
});

test('a key is all its events, of every feature and of none, each feature in order', async () => {
  const ids = await ingest(
    { key: 'case-7', feature: 'extraction' },
    { key: 'case-7', feature: 'forensics' },
    { key: 'case-8' },
    { key: 'case-7', feature: 'extraction' },
    { key: 'case-7', eventType: { ordering: 'none' } },
  );
  await drain(database.store);
  await replaying.create(keyOf('case-7'));
  await replaying.queueAll();
  const order = await replayed();
  expect(order.toSorted()).toEqual([ids[0], ids[1], ids[3], ids[4]].toSorted());
  expect(order.indexOf(ids[0]!)).toBeLessThan(order.indexOf(ids[3]!));
});

describe('a replay', () => {
  const delivered = async (count: number) => {
    const ids = await ingest(...Array.from({ length: count }, () => ({})));
    await drain(database.store);
    return ids;
  };

  test.each([
    ['before anything was put into lanes', false],
    ['after it was put into lanes, and before that was noted', true],
  ])(
    'that ends %s is carried on by another instance, each event once and in order',
    async (_, puts) => {
      const lanes = await deliveredOverKeys(30);
      await replaying.create(everything());
      let left = 2;
      const dying = replaying.runner({
        async enqueueReplay(...given) {
          const dies = --left === 0;
          if (!dies || puts) await database.store.enqueueReplay(...given);
          if (dies) throw new Error('Connection terminated unexpectedly');
          return 1;
        },
      });
      await expect(replaying.queueAll(dying)).rejects.toThrow('terminated');
      await replaying.queueAll();
      expectInOrder(await replayed(), lanes);
    },
  );

  test('opens no more than some lanes at once, so that others do not wait behind all of it', async () => {
    const ids: string[] = [];
    for (let i = 0; i < 3; i++) {
      const events = Array.from({ length: 500 }, (_, n) => ({ key: `${i}-${n}` }));
      ids.push(...(await ingest(...events)));
    }
    await drain(database.store);
    const { id } = await replaying.create(everything());
    const runner = replaying.runner(database.store, { mostOpen: 600 });
    await replaying.queueAll(runner);
    expect((await replaying.service.get(owner, id)).progress).toMatchObject({ queued: 1000 });
    expect(await replayed()).toHaveLength(1000);
    await replaying.queueAll(runner);
    expect(await replayed()).toHaveLength(500);
    await replaying.queueAll(runner);
    expect(await replaying.service.get(owner, id)).toMatchObject({
      state: 'completed',
      progress: { queued: ids.length, delivered: ids.length },
    });
  });

  test('that cannot be carried on for a reason of its own fails, and others go on', async () => {
    await delivered(1);
    const { id } = await replaying.create(keyOf('case-1'));
    const broken = replaying.runner({ enqueueReplay: () => Promise.reject(new TypeError('no')) });
    await replaying.queueAll(broken);
    expect(await replaying.service.get(owner, id)).toMatchObject({ state: 'failed' });
    expect(replaying.log.events).toContain('replay.failed');
    const other = await replaying.create(keyOf('case-1'));
    await replaying.queueAll();
    expect(await replayed()).toHaveLength(1);
    await replaying.queueAll();
    expect(await replaying.service.get(owner, other.id)).toMatchObject({ state: 'completed' });
  });

  test('fails where its endpoint is deleted before all of it is queued', async () => {
    await delivered(2);
    const { id } = await replaying.create(keyOf('case-1'));
    await database.store.deleteDestination(to.id);
    await replaying.queueAll();
    expect(await replaying.service.get(owner, id)).toMatchObject({
      state: 'failed',
      progress: { queued: 0 },
    });
  });

  test('passes over what was erased', async () => {
    await delivered(2);
    const { id } = await replaying.create(keyOf('case-1'));
    await ingest({ type: 'case.erased' });
    await drain(database.store);
    await replaying.queueAll();
    expect(await replayed()).toEqual([]);
    await replaying.queueAll();
    expect(await replaying.service.get(owner, id)).toMatchObject({
      state: 'completed',
      progress: { queued: 0 },
    });
  });

  test('of an endpoint that never got anything is completed at once', async () => {
    const fresh = replaying.registered.add(endpoint());
    const { id } = await replaying.create({ ...keyOf('case-1'), endpointId: fresh.id });
    await replaying.queueAll();
    expect(await replaying.service.get(owner, id)).toMatchObject({ state: 'completed' });
  });

  test('that is canceled sends nothing more, whatever it had found; canceled again it stays so, and once it is over it cannot be', async () => {
    await deliveredOverKeys(30);
    const { id } = await replaying.create(everything());
    const runner = replaying.runner();
    for (let steps = 0; steps < 3; steps++) await runner.round();
    expect((await replaying.service.get(owner, id)).progress).toMatchObject({ queued: 500 });
    const canceled = await replaying.service.cancel(owner, id, undefined);
    expect(canceled).toMatchObject({
      state: 'canceled',
      progress: { queued: 500, pending: 0, canceled: 500 },
    });
    await replaying.queueAll();
    expect(await replayed()).toEqual([]);
    expect((await database.pool.query('select from replay_item')).rowCount).toBe(0);
    expect(await replaying.service.cancel(owner, id, undefined)).toEqual(canceled);
    const done = await replaying.create(keyOf('nothing'));
    await replaying.queueAll();
    await expect(replaying.service.cancel(owner, done.id, undefined)).rejects.toMatchObject({
      status: 409,
      code: 'REPLAY_OVER',
    });
  });

  test('is asked for once per Idempotency-Key, and the runner is told', async () => {
    await delivered(1);
    const key = randomUUID();
    const both = await Promise.all([
      replaying.create(keyOf('case-1'), key),
      replaying.create(keyOf('case-1'), key),
    ]);
    expect(both[0]).toEqual(both[1]);
    expect(replaying.woken).toBe(2);
    expect((await replaying.service.getAll(owner, { limit: 10 })).items).toHaveLength(1);
    await expect(replaying.create(keyOf('case-2'), key)).rejects.toMatchObject({
      status: 422,
      code: 'IDEMPOTENCY_KEY_REUSED',
    });
  });

  test('of an endpoint that is being registered waits for the registry; of somebody else’s there is none', async () => {
    const late = endpoint();
    replaying.registered.onCatchUp = () => void replaying.registered.add(late);
    await expect(
      replaying.create({ ...keyOf('case-1'), endpointId: late.id }),
    ).resolves.toMatchObject({ state: 'running' });
    const theirs = replaying.registered.add(endpoint({ environment: 'production' }));
    await expect(
      replaying.create({ ...keyOf('case-1'), endpointId: theirs.id }),
    ).rejects.toMatchObject({ status: 404 });
  });

  test('is shown to nobody else; the newest come first, page by page', async () => {
    const made = [];
    for (const key of ['a', 'b', 'c']) made.push((await replaying.create(keyOf(key))).id);
    const stranger = { ...owner, environment: 'production' };
    await expect(replaying.service.get(stranger, made[0]!)).rejects.toMatchObject({ status: 404 });
    await expect(replaying.service.cancel(stranger, made[0]!, undefined)).rejects.toMatchObject({
      status: 404,
    });
    expect((await replaying.service.getAll(stranger, { limit: 10 })).items).toEqual([]);
    const first = await replaying.service.getAll(owner, { limit: 2 });
    expect(first.items.map(({ id }) => id)).toEqual([made[2], made[1]]);
    const second = await replaying.service.getAll(owner, { limit: 2, cursor: first.next! });
    expect(second.items.map(({ id }) => id)).toEqual([made[0]]);
    expect(second.next).toBeNull();
  });

  test.each([
    [
      'a period that ends before it begins',
      { kind: 'period', from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' },
      'to',
    ],
    ['a moment before there was time', { kind: 'failed', since: '0000-01-01T00:00:00Z' }, 'since'],
    ['a key with NUL', { kind: 'key', topic: 'events.casewire', key: 'a\0b' }, 'key'],
    ['a topic with half a character', { kind: 'key', topic: 'a\ud800', key: 'a' }, 'topic'],
  ])('of %s is refused with the field', async (_, command, field) => {
    await expect(
      replaying.create({ ...command, endpointId: to.id } as never),
    ).rejects.toMatchObject({ status: 400, errors: [{ field }] });
  });
});
