import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { deliveryDatabase, type DeliveryDatabase } from '../../test/delivery-database.ts';
import { drain } from '../../test/drain.ts';
import { callback, endpoint, organizationId, resultOf, Partition } from '../../test/events.ts';
import { replayOf } from '../../test/lane-store/replays.suite.ts';
import {
  isSettled,
  reconcile,
  type UnsettledDelivery,
  type ReconcileOptions,
} from './reconcile.ts';

let database: DeliveryDatabase;
beforeAll(async () => {
  database = await deliveryDatabase();
});
afterEach(() => database.clear());
afterAll(() => database.drop());

const leaseHolder = randomUUID();
const hour = 3_600_000;

async function reconciled(over: Partial<ReconcileOptions> = {}) {
  const client = await database.pool.connect();
  const unsettled: UnsettledDelivery[] = [];
  try {
    const report = await reconcile(client, {
      since: new Date(Date.now() - hour),
      onUnsettled: (one) => unsettled.push(one),
      // Small enough for several pages.
      pageSize: 3,
      ...over,
    });
    return { ...report, settled: isSettled(report), unsettled };
  } finally {
    client.release();
  }
}

const noCounts = {
  delivered: 0,
  exhausted: 0,
  canceled: 0,
  expired: 0,
  due: 0,
  leased: 0,
  waiting: 0,
  blocked: 0,
  closed: 0,
  lost: 0,
};

test('G5 delivered, exhausted, canceled and expired deliveries are settled', async () => {
  const { store } = database;
  const [one, deleted, suspended] = [endpoint(), endpoint(), endpoint()];
  await store.ingest(new Partition().batch([one], { key: 'a' }, { key: 'b' }));
  const heads = await store.claim(leaseHolder, 10);
  await store.recordResults(leaseHolder, [resultOf(heads[0]!), resultOf(heads[1]!, 'exhausted')]);
  await store.ingest(new Partition(1).batch([deleted, suspended], {}, {}));
  await store.deleteDestination(deleted.id);
  await store.suspend(suspended.id, 'failing');
  await store.expire(new Date(Date.now() + hour));
  await store.ingest(new Partition(2).batch([], {}));
  expect(await reconciled()).toMatchObject({
    events: 5,
    matched: 6,
    live: { ...noCounts, delivered: 1, exhausted: 1, canceled: 2, expired: 2 },
    replayed: noCounts,
    settled: true,
    unsettled: [],
  });
});

test('G5 open deliveries are listed with their status', async () => {
  const { store } = database;
  const [due, leased, waiting, blocked, gate] = Array.from({ length: 5 }, () => endpoint());
  const [suspended, disabled] = [endpoint(), endpoint({ enabled: false })];
  const url = { callback: callback('https://one.test/cb') };
  const all = [leased!, waiting!, blocked!, gate!];
  await store.ingest(new Partition().batch(all, { key: 'a' }));
  const heads = await store.claim(leaseHolder, 20);
  const headOf = (id: string) => heads.find(({ endpointId }) => endpointId === id)!;
  await store.recordResults(leaseHolder, [
    resultOf(headOf(waiting!.id), 'failed', { delayMs: hour }),
    resultOf(headOf(blocked!.id), 'blocked'),
    resultOf(headOf(gate!.id), 'failed', { status: 503, requestedPauseMs: hour }),
  ]);
  await store.ingest(new Partition(1).batch([due!, suspended, disabled, url], {}));
  await store.suspend(suspended.id, 'failing');
  const { live, settled, unsettled } = await reconciled();
  expect(live).toEqual({ ...noCounts, due: 2, leased: 1, waiting: 2, blocked: 1, closed: 2 });
  expect(settled).toBe(false);
  const statuses = Object.fromEntries(
    unsettled.map(({ endpointId, status }) => [endpointId, status]),
  );
  expect(statuses).toEqual({
    [due!.id]: 'due',
    null: 'due',
    [leased!.id]: 'leased',
    [waiting!.id]: 'waiting',
    [gate!.id]: 'waiting',
    [blocked!.id]: 'blocked',
    [suspended.id]: 'closed',
    [disabled.id]: 'closed',
  });
  expect(unsettled.map(({ reason }) => reason)).toEqual(unsettled.map(() => null));
});

test('only events since that moment, and of that organization, are checked', async () => {
  const { store, inspect } = database;
  await store.ingest(new Partition().batch([endpoint()], {}));
  expect(await reconciled({ since: new Date(Date.now() + hour) })).toMatchObject({
    events: 0,
    settled: true,
  });
  expect(await reconciled({ organizationId: randomUUID() })).toMatchObject({ events: 0 });
  expect(await reconciled({ organizationId })).toMatchObject({ events: 1, settled: false });
  expect(await inspect.faults()).toEqual([]);
});

test('an event stays settled during a replay, whose deliveries are counted separately', async () => {
  const { store } = database;
  const batch = new Partition().batch([endpoint()], {}, {});
  await store.ingest(batch);
  const [first] = await drain(store);
  await store.enqueueReplay('1', first!.destinationId, replayOf(batch));
  expect(await reconciled()).toMatchObject({
    live: { ...noCounts, delivered: 2 },
    replayed: { ...noCounts, due: 2 },
    settled: true,
  });
});

test('it reads one snapshot: concurrent changes are not visible', async () => {
  const { store } = database;
  const to = endpoint();
  const partition = new Partition();
  await store.ingest(partition.batch([to], {}, {}, {}, {}));
  let delivering: Promise<unknown> | undefined;
  const { live, settled } = await reconciled({
    pageSize: 1,
    onUnsettled: () => void (delivering ??= drain(store)),
  });
  expect(live).toEqual({ ...noCounts, due: 4 });
  expect(settled).toBe(false);
  await delivering;
  expect(await reconciled()).toMatchObject({ live: { ...noCounts, delivered: 4 }, settled: true });
});

describe('G5 a seeded fault is found:', () => {
  const seed = (sql: string) => database.pool.query(sql);
  /** An endpoint with three deliveries in one lane, of which the first is delivered, and one delivered in another lane. */
  async function lanes() {
    const { store } = database;
    const to = endpoint();
    const batch = new Partition().batch(
      [to],
      { key: 'a' },
      { key: 'a' },
      { key: 'a' },
      { key: 'b' },
    );
    await store.ingest(batch);
    const heads = await store.claim(leaseHolder, 10);
    await store.recordResults(
      leaseHolder,
      heads.map((head) => resultOf(head)),
    );
    expect((await reconciled()).live).toEqual({ ...noCounts, delivered: 2, due: 2 });
    return batch.events.map(({ event }) => event.id);
  }
  const lost = async () => {
    const { unsettled, live, settled } = await reconciled();
    expect(settled).toBe(false);
    const of = unsettled.filter(({ status }) => status === 'lost');
    expect(of).toHaveLength(live.lost);
    return of.map(({ eventId, reason }) => ({ eventId, reason }));
  };

  test('a missing delivery, after which nothing can be sent', async () => {
    const [, second, third] = await lanes();
    await seed(`delete from delivery where seq = 2`);
    expect(await lost()).toEqual([
      { eventId: third, reason: 'no delivery is pending at position 2 of its lane' },
      { eventId: second, reason: 'matched to 1 destinations, has 0 deliveries' },
    ]);
  });

  test('a missing delivered one', async () => {
    const [first] = await lanes();
    await seed(`delete from attempt where delivery_id in (select id from delivery where seq = 1 and lane_id = (
      select lane_id from delivery where seq = 2))`);
    await seed(
      `delete from delivery where seq = 1 and lane_id = (select lane_id from delivery where seq = 2)`,
    );
    expect(await lost()).toEqual([
      { eventId: first, reason: 'matched to 1 destinations, has 0 deliveries' },
    ]);
  });

  test('a head that was moved past a pending delivery', async () => {
    const [, second] = await lanes();
    await seed(`update lane set head = 3 where tail = 3`);
    expect(await lost()).toEqual([
      { eventId: second, reason: 'the head of its lane has passed it' },
    ]);
  });

  test('a delivery after the tail of its lane', async () => {
    const [, , third] = await lanes();
    await seed(`update lane set tail = 2 where tail = 3`);
    expect(await lost()).toEqual([{ eventId: third, reason: 'it is after the tail of its lane' }]);
  });

  test('a settled delivery that the head of its lane did not pass', async () => {
    const [, second, third] = await lanes();
    await seed(`update delivery set state = 'delivered' where seq = 2`);
    const found = await lost();
    expect(found).toHaveLength(2);
    // Both have the same time: their order is undefined.
    expect(new Set(found)).toEqual(
      new Set([
        { eventId: second, reason: 'it is settled, but the head of its lane has not passed it' },
        { eventId: third, reason: 'no delivery is pending at position 2 of its lane' },
      ]),
    );
  });

  test.each([
    [`update lane set next_at = 'infinity'`, 'its lane is never due'],
    [`update lane set leased_until = 'infinity'`, 'the lease of its lane never ends'],
    [`update destination set deleted = true`, 'its endpoint was deleted'],
    [`update destination set gate_until = 'infinity'`, 'its destination is never called'],
    [`update lane set replay_job = 7`, 'it is in a lane of another destination or replay'],
  ])('%s', async (sql, reason) => {
    const ids = await lanes();
    await seed(`${sql} where true`);
    const found = await lost();
    expect(new Set(found.map((one) => one.reason))).toEqual(new Set([reason]));
    expect(found.map(({ eventId }) => eventId)).toEqual(expect.arrayContaining(ids.slice(1, 3)));
  });

  test('a delivery too many', async () => {
    const [first] = await lanes();
    await seed(`update event set matched = 0 where id = '${first}'`);
    expect(await lost()).toEqual([
      { eventId: first, reason: 'matched to 0 destinations, has 1 deliveries' },
    ]);
  });
});

test('nothing can be written in its transaction', async () => {
  await database.store.ingest(new Partition().batch([endpoint()], {}, {}));
  const client = await database.pool.connect();
  let written: Promise<unknown> | undefined;
  try {
    const reconciling = reconcile(client, {
      since: new Date(0),
      pageSize: 1,
      onUnsettled: () => {
        written ??= client.query('delete from delivery').catch((error: unknown) => error);
      },
    });
    // The failed statement aborts the transaction.
    await expect(reconciling).rejects.toThrow('aborted');
    expect(await written).toMatchObject({ message: expect.stringContaining('read-only') });
  } finally {
    client.release(true);
  }
  expect(await database.inspect.deliveries()).toHaveLength(2);
});
