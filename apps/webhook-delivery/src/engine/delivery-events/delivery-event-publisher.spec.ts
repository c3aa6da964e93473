import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DeliveryEvent, Topics, topicSettings } from '@casewire/contracts';
import { EmbeddedKafka } from '@casewire/embedded-kafka';
import { EventLog, KeyedConsumer, type IncomingRecord } from '@casewire/event-log';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import { deliveryDatabase, type DeliveryDatabase } from '../../../test/delivery-database.ts';
import { endpoint } from '../../../test/events.ts';
import { KeptLog } from '../../../test/scripted-store.ts';
import { DeliveryEventPublisher, removeDeliveryEvents } from './delivery-event-publisher.ts';

/** Long enough for a busy machine. */
const patience = { timeout: 20_000 };

let directory: string;
let broker: EmbeddedKafka;
let log: EventLog;
let consumer: KeyedConsumer;
const received: IncomingRecord[] = [];
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'casewire-delivery-events-'));
  broker = new EmbeddedKafka({ directory, port: 0 });
  await broker.start();
  log = new EventLog({ brokers: [broker.brokers], clientId: 'delivery-events' });
  await log.ensureTopics(topicSettings.filter(({ topic }) => topic === Topics.deliveryEvents));
  consumer = new KeyedConsumer({
    log,
    groupId: 'delivery-events',
    topics: [Topics.deliveryEvents],
    handle: async (record) => void received.push(record),
  });
  await consumer.start();
});
afterAll(async () => {
  await consumer.stop();
  await log.close();
  await broker.stop();
  await rm(directory, { recursive: true, force: true });
});

let database: DeliveryDatabase;
let lines: KeptLog;
const publishers: DeliveryEventPublisher[] = [];
beforeEach(async () => {
  received.length = 0;
  database = await deliveryDatabase();
  lines = new KeptLog();
});
afterEach(async () => {
  await Promise.all(publishers.splice(0).map((one) => one.stop()));
  await database.drop();
});

function publishing(publish: Publish = (records) => log.send(records)) {
  const publisher = new DeliveryEventPublisher({
    databaseUrl: database.url,
    publish,
    logger: lines,
    batch: 7,
    idleMs: 20,
  });
  publishers.push(publisher);
  publisher.start();
}
type Publish = ConstructorParameters<typeof DeliveryEventPublisher>[0]['publish'];

/** Suspends and resumes an endpoint repeatedly; each change emits an event. */
async function turns(id: string, times: number) {
  for (let i = 0; i < times; i++) {
    await database.store.suspend(id, 'failing');
    await database.store.resume(id);
  }
}
const endpoints = async (count: number) => {
  const created = Array.from({ length: count }, () => endpoint());
  for (const to of created) await database.store.setDestination({ endpointId: to.id, ...to });
  return created.map(({ id }) => id);
};
const open = async () =>
  (await database.pool.query('select from delivery_event where published_at is null')).rowCount;

test('delivery events are CloudEvents with the key of their destination', async () => {
  const [id] = await endpoints(1);
  await turns(id!, 1);
  publishing();
  await vi.waitFor(() => expect(received).toHaveLength(2), patience);
  const { rows } = await database.pool.query<{ id: string; destination_id: string }>(
    'select id, destination_id from delivery_event order by id',
  );
  expect(received).toMatchObject(
    rows.map((row, i) => ({
      key: row.destination_id,
      headers: {
        ce_specversion: '1.0',
        ce_id: row.id,
        ce_source: '/casewire/deliveries',
        ce_type: ['endpoint.suspended', 'endpoint.resumed'][i],
        ce_subject: id,
        'content-type': 'application/json',
      },
    })),
  );
  for (const { value, headers } of received) {
    const event = DeliveryEvent.parse(JSON.parse(String(value)));
    expect(event).toMatchObject({ type: headers.ce_type, occurredAt: headers.ce_time });
  }
});

test('several publishers publish every event once, in the order of each destination', async () => {
  const ids = await endpoints(4);
  for (let i = 0; i < 3; i++) publishing();
  await Promise.all(ids.map((id) => turns(id, 10)));
  await vi.waitFor(() => expect(received).toHaveLength(80), patience);
  expect(new Set(received.map(({ headers }) => headers.ce_id)).size).toBe(80);
  for (const id of ids) {
    const mine = received.filter(({ headers }) => headers.ce_subject === id);
    const types = mine.map(({ headers }) => headers.ce_type);
    expect(types).toEqual(
      Array.from({ length: 20 }, (_, i) => (i % 2 ? 'endpoint.resumed' : 'endpoint.suspended')),
    );
  }
});

test('an event that is not acknowledged is published again with the same id, and not marked before', async () => {
  const [id] = await endpoints(1);
  await turns(id!, 1);
  let apiErrors = 2;
  const seen: (number | null)[] = [];
  publishing(async (records) => {
    seen.push(await open());
    await log.send(records);
    if (apiErrors-- > 0) throw new Error('no acknowledgement');
  });
  await vi.waitFor(async () => expect(await open()).toBe(0), patience);
  await vi.waitFor(() => expect(received).toHaveLength(6), patience);
  expect(seen).toEqual([2, 2, 2]);
  expect(new Set(received.map(({ headers }) => headers.ce_id)).size).toBe(2);
  expect(lines.events).toEqual([
    'delivery-events.publish.interrupted',
    'delivery-events.publish.interrupted',
  ]);
});

test('when the leader’s connection is closed another publisher takes over, and no event is missing', async () => {
  const [id] = await endpoints(1);
  publishing();
  await turns(id!, 1);
  await vi.waitFor(() => expect(received).toHaveLength(2), patience);
  publishing();
  const cut = await database.pool.query(
    `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and granted
     and database = (select oid from pg_database where datname = current_database())`,
  );
  expect(cut.rowCount).toBe(1);
  await turns(id!, 1);
  await vi.waitFor(() => expect(received).toHaveLength(4), patience);
});

test('events are removed some time after their publication; unpublished ones stay', async () => {
  const { pool } = database;
  const insert = (id: string, published: string | null, alerted: string | null) =>
    pool.query(
      `insert into delivery_event (id, destination_id, data, published_at, alerted_at)
       overriding system value values ($1, 1, '{}', $2, $3)`,
      [id, published, alerted],
    );
  const old = '2026-11-01T00:00:00Z';
  for (const id of ['1', '2', '3']) await insert(id, old, old);
  await insert('4', '2026-11-26T00:00:00Z', old);
  await insert('5', null, old);
  await insert('6', old, null);
  expect(await removeDeliveryEvents(pool, new Date('2026-11-20T00:00:00Z'), 2)).toBe(3);
  const { rows } = await pool.query('select id from delivery_event order by id');
  expect(rows.map(({ id }) => id)).toEqual(['4', '5', '6']);
});
