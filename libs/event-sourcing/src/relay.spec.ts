import { randomUUID } from 'node:crypto';

import { inTransaction } from '@casewire/service';
import { createLogger } from '@casewire/telemetry';
import { testDatabase, type TestDatabase } from '@casewire/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import {
  advancePublication,
  append,
  eventStoreTables,
  withdrawPublication,
  type StoredEvent,
} from './event-store.ts';
import { Relay } from './relay.ts';

interface Noted {
  type: 'Noted';
  n: number;
}
type Message = { key: string; n: number };

let database: TestDatabase;
beforeEach(async () => {
  database = await testDatabase();
  await database.pool.query(eventStoreTables);
});
afterEach(() => database.drop());

const logger = createLogger('test', 'silent');
const translate = async (events: StoredEvent<Noted>[]) =>
  events.map(({ streamId, event }) => ({ key: streamId, n: event.n }));
const relay = (publish: (messages: Message[]) => Promise<void>) =>
  new Relay<Noted, Message>({
    databaseUrl: database.url,
    translate,
    publish,
    logger,
    batch: 7,
    idleMs: 20,
  });

const note = (streamId: string, version: number) =>
  inTransaction(database.pool, (client) =>
    append(client, {
      streamId,
      expectedVersion: version,
      events: [{ type: 'Noted', n: version + 1 }],
    }),
  );

async function writeStreams(streams: string[], count: number) {
  await Promise.all(
    streams.map(async (id) => {
      for (let version = 0; version < count; version++) await note(id, version);
    }),
  );
}

const inOrderOnce = (messages: Message[], streams: string[], count: number) => {
  for (const id of streams) {
    const numbers = messages.filter(({ key }) => key === id).map(({ n }) => n);
    expect([...new Set(numbers)]).toEqual(Array.from({ length: count }, (_, i) => i + 1));
  }
};

test('several relays publish every event once and in the order of its stream while events are appended', async () => {
  const published: Message[] = [];
  const relays = [1, 2, 3].map(() => relay(async (messages) => void published.push(...messages)));
  for (const one of relays) one.start();
  const streams = Array.from({ length: 12 }, () => randomUUID());
  await writeStreams(streams, 15);
  await vi.waitFor(() => expect(published).toHaveLength(180), { timeout: 10_000 });
  await Promise.all(relays.map((one) => one.stop()));
  inOrderOnce(published, streams, 15);
});

test('each shard has one relay; when its connection is cut, another relay continues and no event is lost', async () => {
  const published: Message[] = [];
  const first = relay(async (messages) => void published.push(...messages));
  first.start();
  const streams = [randomUUID(), randomUUID()];
  await writeStreams(streams, 2);
  await vi.waitFor(() => expect(published).toHaveLength(4));
  const second = relay(async (messages) => void published.push(...messages));
  second.start();
  const cut = await database.pool.query(
    `select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'
     and database = (select oid from pg_database where datname = current_database())`,
  );
  expect(cut.rowCount).toBe(8);
  await Promise.all(streams.map((id) => note(id, 2)));
  await vi.waitFor(() => inOrderOnce(published, streams, 3), { timeout: 10_000 });
  await Promise.all([first.stop(), second.stop()]);
});

test('events that could not be published are published later, without a gap', async () => {
  const published: Message[] = [];
  let failures = 3;
  const retrying = relay(async (messages) => {
    if (failures-- > 0) throw new Error('no broker');
    published.push(...messages);
  });
  retrying.start();
  const id = randomUUID();
  await writeStreams([id], 10);
  await vi.waitFor(() => inOrderOnce(published, [id], 10), { timeout: 10_000 });
  expect(failures).toBeLessThan(0);
  await retrying.stop();
});

test('a wake-up publishes at once, without waiting for the next interval', async () => {
  const done = Promise.withResolvers<void>();
  const waiting = new Relay<Noted, Message>({
    databaseUrl: database.url,
    translate,
    publish: async () => done.resolve(),
    logger,
    idleMs: 60_000,
  });
  waiting.start();
  await vi.waitFor(async () => {
    const { rowCount } = await database.pool.query(
      `select from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`,
    );
    expect(rowCount).toBe(8);
  });
  await note(randomUUID(), 0);
  waiting.wake();
  await expect(done.promise).resolves.toBeUndefined();
  await waiting.stop();
});

test('an event with a later publication holds up no other one, and is published when its time comes nearer, or never', async () => {
  const published: Message[] = [];
  const [advanced, withdrawn] = [randomUUID(), randomUUID()];
  const inAnHour = new Date(Date.now() + 3_600_000);
  for (const streamId of [advanced, withdrawn]) {
    await inTransaction(database.pool, (client) =>
      append(client, {
        streamId,
        expectedVersion: 0,
        events: [1, 2].map((n): Noted => ({ type: 'Noted', n })),
        publishAfter: ({ n }) => (n === 1 ? inAnHour : null),
      }),
    );
  }
  const one = relay(async (messages) => void published.push(...messages));
  one.start();
  await vi.waitFor(() => expect(published.map(({ n }) => n)).toEqual([2, 2]));
  await inTransaction(database.pool, (client) => withdrawPublication(client, withdrawn));
  for (const streamId of [advanced, withdrawn])
    await inTransaction(database.pool, (client) => advancePublication(client, streamId, 3600));
  await vi.waitFor(() => expect(published).toHaveLength(3));
  await one.stop();
  expect(published.at(-1)).toEqual({ key: advanced, n: 1 });
  const { rowCount } = await database.pool.query('select from domain_event where not published');
  expect(rowCount).toBe(0);
});
