import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { deliveryDatabase, type DeliveryDatabase } from '../../test/delivery-database.ts';
import { drain } from '../../test/drain.ts';
import { callback, endpoint, organizationId, outcomeOf, Partition } from '../../test/events.ts';
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

const owner = randomUUID();
const hour = 3_600_000;

async function reconciled(over: Partial<ReconcileOptions> = {}) {
  const client = await database.pool.connect();
  const findings: UnsettledDelivery[] = [];
  try {
    const report = await reconcile(client, {
      since: new Date(Date.now() - hour),
      onUnsettled: (finding) => findings.push(finding),
      // Several pages of whatever there is.
      pageSize: 3,
      ...over,
    });
    return { ...report, settled: isSettled(report), findings };
  } finally {
    client.release();
  }
}

const nothing = {
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

test('G5 what was delivered, given up, canceled or has expired is settled', async () => {
  const { store } = database;
  const [one, deleted, suspended] = [endpoint(), endpoint(), endpoint()];
  await store.ingest(new Partition().batch([one], { key: 'a' }, { key: 'b' }));
  const heads = await store.claim(owner, 10);
  await store.recordResults(owner, [outcomeOf(heads[0]!), outcomeOf(heads[1]!, 'exhausted')]);
  await store.ingest(new Partition(1).batch([deleted, suspended], {}, {}));
  await store.deleteDestination(deleted.id);
  await store.suspend(suspended.id, 'failing');
  await store.expire(new Date(Date.now() + hour));
  await store.ingest(new Partition(2).batch([], {}));
  expect(await reconciled()).toMatchObject({
    events: 5,
    matched: 6,
    live: { ...nothing, delivered: 1, exhausted: 1, canceled: 2, expired: 2 },
    replayed: nothing,
    settled: true,
    findings: [],
  });
});

test('G5 what is open is listed with the way that it still has', async () => {
  const { store } = database;
  const [due, leased, waiting, blocked, gate] = Array.from({ length: 5 }, () => endpoint());
  const [suspended, disabled] = [endpoint(), endpoint({ enabled: false })];
  const url = { callback: callback('https://one.test/cb') };
  const all = [leased!, waiting!, blocked!, gate!];
  await store.ingest(new Partition().batch(all, { key: 'a' }));
  const heads = await store.claim(owner, 20);
  const headOf = (id: string) => heads.find(({ endpointId }) => endpointId === id)!;
  await store.recordResults(owner, [
    outcomeOf(headOf(waiting!.id), 'failed', { delayMs: hour }),
    outcomeOf(headOf(blocked!.id), 'blocked'),
    outcomeOf(headOf(gate!.id), 'failed', { status: 503, holdOffMs: hour }),
  ]);
  await store.ingest(new Partition(1).batch([due!, suspended, disabled, url], {}));
  await store.suspend(suspended.id, 'failing');
  const { live, settled, findings } = await reconciled();
  expect(live).toEqual({ ...nothing, due: 2, leased: 1, waiting: 2, blocked: 1, closed: 2 });
  expect(settled).toBe(false);
  const ways = Object.fromEntries(
    findings.map(({ endpointId, status: verdict }) => [endpointId, verdict]),
  );
  expect(ways).toEqual({
    [due!.id]: 'due',
    null: 'due',
    [leased!.id]: 'leased',
    [waiting!.id]: 'waiting',
    [gate!.id]: 'waiting',
    [blocked!.id]: 'blocked',
    [suspended.id]: 'closed',
    [disabled.id]: 'closed',
  });
  expect(findings.map(({ reason }) => reason)).toEqual(findings.map(() => null));
});

test('only events since then, and of that organization, are looked at', async () => {
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

test('a replay that is under way leaves an event settled, and is counted apart', async () => {
  const { store } = database;
  const batch = new Partition().batch([endpoint()], {}, {});
  await store.ingest(batch);
  const [first] = await drain(store);
  await store.enqueueReplay('1', first!.destinationId, replayOf(batch));
  expect(await reconciled()).toMatchObject({
    live: { ...nothing, delivered: 2 },
    replayed: { ...nothing, due: 2 },
    settled: true,
  });
});

test('it looks at one moment: what comes meanwhile is not half seen', async () => {
  const { store } = database;
  const to = endpoint();
  const partition = new Partition();
  await store.ingest(partition.batch([to], {}, {}, {}, {}));
  let delivering: Promise<unknown> | undefined;
  const { live, settled } = await reconciled({
    pageSize: 1,
    onUnsettled: () => void (delivering ??= drain(store)),
  });
  expect(live).toEqual({ ...nothing, due: 4 });
  expect(settled).toBe(false);
  await delivering;
  expect(await reconciled()).toMatchObject({ live: { ...nothing, delivered: 4 }, settled: true });
});

describe('G5 a fault that is planted is found:', () => {
  const plant = (sql: string) => database.pool.query(sql);
  /** An endpoint with three deliveries in one lane, the first of which is delivered, and one of another lane. */
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
    const heads = await store.claim(owner, 10);
    await store.recordResults(
      owner,
      heads.map((head) => outcomeOf(head)),
    );
    expect((await reconciled()).live).toEqual({ ...nothing, delivered: 2, due: 2 });
    return batch.events.map(({ event }) => event.id);
  }
  const lost = async () => {
    const { findings, live, settled } = await reconciled();
    expect(settled).toBe(false);
    const of = findings.filter(({ status: verdict }) => verdict === 'lost');
    expect(of).toHaveLength(live.lost);
    return of.map(({ eventId, reason }) => ({ eventId, reason }));
  };

  test('a delivery that is not there, and what can never be sent behind it', async () => {
    const [, second, third] = await lanes();
    await plant(`delete from delivery where seq = 2`);
    expect(await lost()).toEqual([
      { eventId: third, reason: 'nothing is pending at place 2 of its lane' },
      { eventId: second, reason: 'matched to 1, delivered or to be delivered to 0' },
    ]);
  });

  test('a delivered one that is not there', async () => {
    const [first] = await lanes();
    await plant(`delete from attempt where delivery_id in (select id from delivery where seq = 1 and lane_id = (
      select lane_id from delivery where seq = 2))`);
    await plant(
      `delete from delivery where seq = 1 and lane_id = (select lane_id from delivery where seq = 2)`,
    );
    expect(await lost()).toEqual([
      { eventId: first, reason: 'matched to 1, delivered or to be delivered to 0' },
    ]);
  });

  test('a head that was moved over a pending one', async () => {
    const [, second] = await lanes();
    await plant(`update lane set head = 3 where tail = 3`);
    expect(await lost()).toEqual([
      { eventId: second, reason: 'the head of its lane has passed it' },
    ]);
  });

  test('a delivery that was put into a lane whose tail did not rise', async () => {
    const [, , third] = await lanes();
    await plant(`update lane set tail = 2 where tail = 3`);
    expect(await lost()).toEqual([{ eventId: third, reason: 'it is beyond the tail of its lane' }]);
  });

  test('a delivery that is over where its lane did not move on', async () => {
    const [, second, third] = await lanes();
    await plant(`update delivery set state = 'delivered' where seq = 2`);
    const found = await lost();
    expect(found).toHaveLength(2);
    // Of the same moment: in whichever order.
    expect(new Set(found)).toEqual(
      new Set([
        { eventId: second, reason: 'it is over, and its lane has yet to come to it' },
        { eventId: third, reason: 'nothing is pending at place 2 of its lane' },
      ]),
    );
  });

  test.each([
    [`update lane set next_at = 'infinity'`, 'its lane is never due'],
    [`update lane set leased_until = 'infinity'`, 'its lane is leased for ever'],
    [`update destination set deleted = true`, 'its endpoint was deleted'],
    [`update destination set gate_until = 'infinity'`, 'its destination is never called'],
    [`update lane set replay_job = 7`, 'it is in the lane of another'],
  ])('%s', async (sql, reason) => {
    const ids = await lanes();
    await plant(`${sql} where true`);
    const found = await lost();
    expect(new Set(found.map((one) => one.reason))).toEqual(new Set([reason]));
    expect(found.map(({ eventId }) => eventId)).toEqual(expect.arrayContaining(ids.slice(1, 3)));
  });

  test('a delivery that is there twice', async () => {
    const [first] = await lanes();
    await plant(`update event set matched = 0 where id = '${first}'`);
    expect(await lost()).toEqual([
      { eventId: first, reason: 'matched to 0, delivered or to be delivered to 1' },
    ]);
  });
});

test('nothing can be written on the way', async () => {
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
    // The transaction is over with it.
    await expect(reconciling).rejects.toThrow('aborted');
    expect(await written).toMatchObject({ message: expect.stringContaining('read-only') });
  } finally {
    client.release(true);
  }
  expect(await database.inspect.deliveries()).toHaveLength(2);
});
