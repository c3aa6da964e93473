import { randomUUID } from 'node:crypto';

import { inTransaction } from '@casewire/service';
import { createLogger } from '@casewire/telemetry';
import { testDatabase, type TestDatabase } from '@casewire/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { append, eventStoreTables, type StoredFact } from './event-store.ts';
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
const translate = async (facts: StoredFact<Noted>[]) =>
  facts.map(({ streamId, fact }) => ({ key: streamId, n: fact.n }));
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
      facts: [{ type: 'Noted', n: version + 1 }],
    }),
  );

async function writeStreams(streams: string[], facts: number) {
  await Promise.all(
    streams.map(async (id) => {
      for (let version = 0; version < facts; version++) await note(id, version);
    }),
  );
}

const inOrderOnce = (messages: Message[], streams: string[], facts: number) => {
  for (const id of streams) {
    const numbers = messages.filter(({ key }) => key === id).map(({ n }) => n);
    expect([...new Set(numbers)]).toEqual(Array.from({ length: facts }, (_, i) => i + 1));
  }
};

test('several relays publish every fact once and in the order of its stream while facts are appended', async () => {
  const published: Message[] = [];
  const relays = [1, 2, 3].map(() => relay(async (messages) => void published.push(...messages)));
  for (const one of relays) one.start();
  const streams = Array.from({ length: 12 }, () => randomUUID());
  await writeStreams(streams, 15);
  await vi.waitFor(() => expect(published).toHaveLength(180), { timeout: 10_000 });
  await Promise.all(relays.map((one) => one.stop()));
  inOrderOnce(published, streams, 15);
});

test('a shard has one owner; when its connection is cut another takes over and nothing is lost', async () => {
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

test('what could not be published is published later, nothing left out', async () => {
  const published: Message[] = [];
  let failures = 3;
  const stubborn = relay(async (messages) => {
    if (failures-- > 0) throw new Error('no broker');
    published.push(...messages);
  });
  stubborn.start();
  const id = randomUUID();
  await writeStreams([id], 10);
  await vi.waitFor(() => inOrderOnce(published, [id], 10), { timeout: 10_000 });
  expect(failures).toBeLessThan(0);
  await stubborn.stop();
});

test('a poke is answered at once, without waiting for the next look', async () => {
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
  waiting.poke();
  await expect(done.promise).resolves.toBeUndefined();
  await waiting.stop();
});
