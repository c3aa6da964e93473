import { Sealer } from '@casewire/auth';
import { rowsRead } from '@casewire/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { deliveryDatabase, type DeliveryDatabase } from '../../../test/delivery-database.ts';
import { drain } from '../../../test/drain.ts';
import { endpoint, organizationId, resultOf, Partition } from '../../../test/events.ts';
import { replayOf } from '../../../test/lane-store/replays.suite.ts';
import { callbackDestination } from '../../model/callback-destination.ts';
import { deliveryList } from './delivery-log.query.ts';
import { DeliveryLogService } from './delivery-log.service.ts';

const sealer = new Sealer(Buffer.alloc(32, 1));
const tenant = { organizationId, environment: 'sandbox' };
const page = { limit: 20 };
let database: DeliveryDatabase;
let log: DeliveryLogService;
beforeAll(async () => {
  database = await deliveryDatabase();
  log = new DeliveryLogService(database.pool, sealer);
});
beforeEach(() => database.clear());
afterAll(() => database.drop());

const idsOf = ({ items }: { items: { id: string }[] }) => items.map(({ id }) => id);

test('a delivery to a callback URL shows that URL until it is erased', async () => {
  const url = 'https://one.example/cb?case=7';
  const callback = callbackDestination(sealer, { ...tenant, dialect: 'casewire', url });
  await database.store.ingest(new Partition().batch([{ callback }], {}));
  expect((await log.getAll(tenant, page)).items).toMatchObject([
    { endpointId: null, callbackUrl: url, sequence: 1, replayId: null, blocked: false },
  ]);
  await database.pool.query('update destination set callback_url = null');
  expect((await log.getAll(tenant, page)).items).toMatchObject([{ callbackUrl: null }]);
});

test('a delivery of a replay has its id and no sequence, and can be listed by it', async () => {
  const to = endpoint();
  const batch = new Partition().batch([to], {}, {});
  await database.store.ingest(batch);
  await drain(database.store);
  const { id } = (await database.inspect.destinations())[0]!;
  await database.store.enqueueReplay('7', id, replayOf(batch).slice(1));
  const { items } = await log.getAll(tenant, page);
  expect(items.map(({ replayId, sequence }) => [replayId, sequence])).toEqual([
    ['7', null],
    [null, 2],
    [null, 1],
  ]);
  const replayed = await log.getAll(tenant, { ...page, replayId: '7' });
  expect(replayed.items).toMatchObject([{ replayId: '7', eventId: batch.events[1]!.event.id }]);
  expect((await log.getAll(tenant, { ...page, replayId: '8' })).items).toEqual([]);
});

test('all deliveries of a blocked lane are shown as blocked, without a next attempt', async () => {
  await database.store.ingest(new Partition().batch([endpoint()], {}, {}, { key: 'other' }));
  const heads = await database.store.claim('b0f6f3c2-54b1-4d2c-9e0e-3d7a1f3c9b10', 10);
  await database.store.recordResults(
    'b0f6f3c2-54b1-4d2c-9e0e-3d7a1f3c9b10',
    heads.map((head) => resultOf(head, head.seq === '1' ? 'blocked' : 'failed')),
  );
  const { items } = await log.getAll(tenant, page);
  expect(items.map(({ blocked }) => blocked)).toEqual([true, true, true]);
  expect(items.map(({ nextAttemptAt }) => nextAttemptAt)).toEqual([null, null, null]);
});

test('deliveries of all destinations are listed newest first, page by page, each once, without those of other tenants', async () => {
  const [one, two, foreign] = [
    endpoint(),
    endpoint(),
    endpoint({ organizationId: 'b0f6f3c2-54b1-4d2c-9e0e-3d7a1f3c9b10' }),
  ];
  const partition = new Partition();
  for (const targets of [[one], [two], [one, two]])
    await database.store.ingest(partition.batch(targets, {}, {}));
  const others = { organizationId: foreign.organizationId };
  await database.store.ingest(partition.batch([foreign], others, others));
  const all = await log.getAll(tenant, { limit: 100 });
  expect(all.items).toHaveLength(8);
  expect(idsOf(all)).toEqual(idsOf(all).toSorted((a, b) => Number(b) - Number(a)));
  const seen: string[] = [];
  for (let cursor: string | undefined, more = true; more;) {
    const some = await log.getAll(tenant, { limit: 3, cursor });
    seen.push(...idsOf(some));
    cursor = some.next ?? undefined;
    more = cursor !== undefined;
  }
  expect(seen).toEqual(idsOf(all));
  const [newest] = all.items;
  await expect(
    log.get({ organizationId: foreign.organizationId, environment: 'sandbox' }, newest!.id),
  ).rejects.toMatchObject({ status: 404 });
});

test('filters can be combined', async () => {
  const [one, two] = [endpoint(), endpoint()];
  const batch = new Partition().batch([one, two], {}, { type: 'thing.ended' });
  await database.store.ingest(batch);
  await drain(database.store);
  await database.store.ingest(new Partition(1).batch([one], { key: 'late' }));
  const found = async (filter: object) => (await log.getAll(tenant, { ...page, ...filter })).items;
  expect(await found({ endpointId: one.id })).toHaveLength(3);
  expect(await found({ eventType: 'thing.ended' })).toHaveLength(2);
  expect(await found({ state: 'pending' })).toMatchObject([{ endpointId: one.id }]);
  const eventId = batch.events[1]!.event.id;
  expect(await found({ eventId, endpointId: two.id })).toMatchObject([
    { eventId, endpointId: two.id, state: 'delivered' },
  ]);
  expect(await found({ eventId, state: 'pending' })).toEqual([]);
});

test.each(['caseId', 'orderId'])(
  'deliveries by %s are those of its events, to the tenant’s destinations only',
  async (name) => {
    const [own, foreign] = [
      endpoint(),
      endpoint({ organizationId: 'b0f6f3c2-54b1-4d2c-9e0e-3d7a1f3c9b10' }),
    ];
    const key = '0c9d1a52-62a1-4f0e-8d8d-6f2f7f8b9a10';
    const about = { [name]: key };
    const batch = new Partition().batch([own, foreign], { key }, {}, { key });
    await database.store.ingest(batch);
    const found = async (filter: object) =>
      (await log.getAll(tenant, { ...page, ...filter })).items;
    const eventIds = [batch.events[2]!.event.id, batch.events[0]!.event.id];
    const ofKey = await found(about);
    expect(ofKey.map(({ eventId }) => eventId)).toEqual(eventIds);
    expect(ofKey.map(({ endpointId }) => endpointId)).toEqual([own.id, own.id]);
    expect(await found({ ...about, eventId: eventIds[0] })).toEqual([ofKey[0]]);
    expect(await found({ ...about, state: 'delivered' })).toEqual([]);
    expect(await found({ caseId: batch.events[1]!.event.key, orderId: key })).toEqual([]);
    const first = await log.getAll(tenant, { limit: 1, ...about });
    const rest = await log.getAll(tenant, { limit: 1, ...about, cursor: first.next! });
    expect([...first.items, ...rest.items]).toEqual(ofKey);
    expect(rest.next).toBeNull();
  },
);

test('a list reads only the rows of its page, with many deliveries of one endpoint and with many endpoints', async () => {
  const partition = new Partition();
  const many = endpoint();
  for (let i = 0; i < 10; i++) {
    const events = Array.from({ length: 1000 }, (_, n) => ({ key: `k${n % 50}` }));
    await database.store.ingest(partition.batch([many], ...events));
  }
  const more = Array.from({ length: 200 }, () => endpoint());
  await database.store.ingest(partition.batch(more, {}));
  await database.pool.query('vacuum analyze');
  const read = (filter: object, before: string | null) =>
    rowsRead(database.pool, 'delivery', (db) => deliveryList(db, tenant, filter, 20, before));
  const newest = (await log.getAll(tenant, page)).items[0]!;
  const middle = String(Number(newest.id) - 5000);
  expect(newest.endpointId).not.toBe(many.id);
  // One row for each destination, a page of each that the page may hold, and the page itself.
  const most = 201 + 21 * 21 + 2 * 21;
  expect(await read({}, null)).toBeGreaterThan(200);
  expect(await read({}, null)).toBeLessThanOrEqual(most);
  expect(await read({}, middle)).toBeLessThanOrEqual(most);
  expect(await read({ endpointId: many.id }, null)).toBeLessThanOrEqual(1 + 3 * 21);
  expect(await read({ endpointId: many.id }, middle)).toBeLessThanOrEqual(1 + 3 * 21);
  expect(await read({ eventId: newest.eventId }, null)).toBeLessThanOrEqual(200 + 2 * 21);
  // Of two hundred events with the key.
  expect(await read({ caseId: 'k7' }, null)).toBeLessThanOrEqual(200 + 2 * 21);
  expect(await read({ orderId: 'k7' }, null)).toBeLessThanOrEqual(200 + 2 * 21);
  expect(await read({ caseId: 'k7', state: 'exhausted' }, middle)).toBeLessThanOrEqual(2 * 200);
  expect(await read({ caseId: 'unknown' }, null)).toBe(0);
});
