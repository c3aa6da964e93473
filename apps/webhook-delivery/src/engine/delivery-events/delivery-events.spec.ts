import { randomUUID } from 'node:crypto';

import { DeliveryEvent } from '@casewire/contracts';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { deliveryDatabase, type DeliveryDatabase } from '../../../test/delivery-database.ts';
import { drain } from '../../../test/drain.ts';
import { callback, endpoint, organizationId, resultOf, Partition } from '../../../test/events.ts';
import { replayOf } from '../../../test/lane-store/replays.suite.ts';
import { deliveryEventRecord, type DeliveryEventRow } from './delivery-event-publisher.ts';

let database: DeliveryDatabase;
beforeAll(async () => {
  database = await deliveryDatabase();
});
afterEach(() => database.clear());
afterAll(() => database.drop());

const owner = randomUUID();
/** What was told, as it is published. */
async function told(): Promise<DeliveryEvent[]> {
  const { rows } = await database.pool.query<DeliveryEventRow>(
    'select * from delivery_event order by id',
  );
  return rows.map((row) => DeliveryEvent.parse(JSON.parse(String(deliveryEventRecord(row).value))));
}
const types = async () => (await told()).map(({ type }) => type);
const hourFromNow = () => new Date(Date.now() + 3_600_000);

test('a delivery that is given up is told with what came back last', async () => {
  const { store } = database;
  const to = endpoint();
  await store.ingest(new Partition().batch([to], { type: 'case.completed' }));
  const [head] = await store.claim(owner, 1);
  await store.recordResults(owner, [resultOf(head!, 'failed')]);
  const [again] = await store.claim(owner, 1);
  await store.recordResults(owner, [
    resultOf(again!, 'exhausted', { status: 503, error: 'HTTP_503' }),
  ]);
  expect(await told()).toEqual([
    {
      type: 'delivery.exhausted',
      organizationId,
      environment: 'sandbox',
      endpointId: to.id,
      deliveryId: head!.deliveryId,
      eventId: head!.eventId,
      eventType: 'case.completed',
      attempts: 2,
      lastStatus: 503,
      lastError: 'HTTP_503',
      occurredAt: expect.any(String),
    },
  ]);
});

test('deliveries that succeed, fail or are blocked leave nothing to tell', async () => {
  const { store } = database;
  const keys = ['a', 'b', 'c'].map((key) => ({ key }));
  await store.ingest(new Partition().batch([endpoint()], ...keys));
  const heads = await store.claim(owner, 3);
  const verdicts = ['delivered', 'failed', 'blocked'] as const;
  await store.recordResults(
    owner,
    heads.map((head, i) => resultOf(head, verdicts[i])),
  );
  expect(await told()).toEqual([]);
});

test('an outcome that comes too late to count is not told', async () => {
  const { store, inspect } = database;
  await store.ingest(new Partition().batch([endpoint()], {}));
  const [lost] = await store.claim(owner, 1);
  await inspect.timePasses(31_000);
  await store.claim(randomUUID(), 1);
  expect((await store.recordResults(owner, [resultOf(lost!, 'exhausted')])).counted).toBe(0);
  expect(await told()).toEqual([]);
});

test('a blocked delivery that a person skips is told, as is one to a callback URL and one that was sent again', async () => {
  const { store } = database;
  const to = endpoint();
  const batch = new Partition().batch([to], { key: 'blocked' });
  await store.ingest(batch);
  const [blocked] = await store.claim(owner, 1);
  await store.recordResults(owner, [
    resultOf(blocked!, 'blocked', { status: 404, error: 'HTTP_404' }),
  ]);
  await store.unblock({ laneId: blocked!.laneId }, 'skip');
  await store.enqueueReplay('1', blocked!.destinationId, replayOf(batch));
  const [replayed] = await store.claim(owner, 1);
  await store.recordResults(owner, [resultOf(replayed!, 'exhausted')]);
  await store.ingest(new Partition(1).batch([{ callback: callback('https://one.test/cb') }], {}));
  const [called] = await store.claim(owner, 1);
  await store.recordResults(owner, [resultOf(called!, 'exhausted')]);
  expect(await told()).toMatchObject([
    { deliveryId: blocked!.deliveryId, attempts: 1, lastStatus: 404, lastError: 'HTTP_404' },
    { deliveryId: replayed!.deliveryId, eventId: blocked!.eventId, endpointId: to.id },
    { deliveryId: called!.deliveryId, endpointId: null },
  ]);
});

test('what expires is told, each delivery', async () => {
  const { store } = database;
  const to = endpoint();
  await store.ingest(new Partition().batch([to], {}, {}));
  await store.suspend(to.id, 'failing');
  expect(await store.expire(hourFromNow())).toBe(2);
  expect(await types()).toEqual(['endpoint.suspended', 'delivery.expired', 'delivery.expired']);
  const deliveries = await database.inspect.deliveries();
  const expired = (await told()).slice(1);
  expect(expired).toMatchObject(deliveries.map(({ id: deliveryId }) => ({ deliveryId })));
});

test('a suspension and its end are told once each, however often they are asked for', async () => {
  const { store } = database;
  const to = endpoint();
  await store.ingest(new Partition().batch([to], {}));
  const [head] = await store.claim(owner, 1);
  await store.recordResults(owner, [resultOf(head!, 'failed')]);
  expect(await store.suspend(to.id, 'failing')).toBe(true);
  expect(await store.suspend(to.id, 'gone')).toBe(false);
  expect(await store.resume(to.id)).toBe(true);
  expect(await store.resume(to.id)).toBe(false);
  const about = { organizationId, environment: 'sandbox', endpointId: to.id };
  expect(await told()).toMatchObject([
    { type: 'endpoint.suspended', ...about, reason: 'failing', failingSince: expect.any(String) },
    { type: 'endpoint.resumed', ...about },
  ]);
});

test('an endpoint that answers 410 is told as gone, once', async () => {
  const { store } = database;
  const to = endpoint();
  await store.ingest(new Partition().batch([to], { key: 'a' }, { key: 'b' }));
  const [first, second] = await store.claim(owner, 10);
  await store.recordResults(owner, [resultOf(first!, 'failed', { status: 410, delayMs: 60_000 })]);
  await store.recordResults(owner, [resultOf(second!, 'failed', { status: 410, delayMs: 60_000 })]);
  expect(await told()).toMatchObject([{ type: 'endpoint.suspended', reason: 'gone' }]);
});

test('a revision that lifts a suspension is told, one that lifts none is not', async () => {
  const { store } = database;
  const to = endpoint();
  const revised = (revision: number, enabled: boolean) =>
    store.setDestination({ endpointId: to.id, ...to, revision, enabled });
  await revised(1, true);
  await store.suspend(to.id, 'failing');
  await revised(2, false);
  expect(await types()).toEqual(['endpoint.suspended']);
  await revised(3, true);
  await revised(3, true);
  await revised(4, true);
  expect(await types()).toEqual(['endpoint.suspended', 'endpoint.resumed']);
});

test('a revision that waited for a suspension lifts it, and is told', async () => {
  const { store, pool } = database;
  const to = endpoint();
  await store.setDestination({ endpointId: to.id, ...to });
  const holder = await pool.connect();
  await holder.query('begin');
  await holder.query(
    `update destination set suspended_at = now(), suspension = 'failing' where endpoint_id = $1`,
    [to.id],
  );
  const revised = store.setDestination({ endpointId: to.id, ...to, revision: 2 });
  await expect
    .poll(async () => {
      const { rows } = await pool.query<{ waiting: number }>(
        `select count(*)::int as waiting from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rows[0]!.waiting;
    })
    .toBe(1);
  await holder.query('commit');
  holder.release();
  await revised;
  expect(await types()).toEqual(['endpoint.resumed']);
  expect(await database.inspect.destinations()).toMatchObject([{ suspension: null }]);
});

test('G4 what accrues while an endpoint is suspended comes in order when it is resumed, or enabled by a newer revision', async () => {
  const { store } = database;
  const to = endpoint();
  const partition = new Partition();
  for (const ends of [
    () => store.resume(to.id),
    () => store.setDestination({ endpointId: to.id, ...to, revision: 2 }),
  ]) {
    await store.ingest(partition.batch([to], {}));
    await store.suspend(to.id, 'failing');
    await store.ingest(partition.batch([to], {}, {}));
    expect(await drain(store)).toEqual([]);
    await ends();
    const places = (await drain(store)).map(({ seq }) => Number(seq));
    expect(places).toHaveLength(3);
    expect(places).toEqual(places.toSorted((a, b) => a - b));
  }
});
