import { randomUUID } from 'node:crypto';

import { inTransaction } from '@casewire/service';
import { testDatabase, type TestDatabase } from '@casewire/testing';
import type { PoolClient } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

import {
  append,
  eventStoreTables,
  readStream,
  VersionConflict,
  type StoredEvent,
} from './event-store.ts';
import { rebuild, type Projection } from './projection.ts';

interface Counted {
  type: 'Counted';
  by: number;
}
const counted = (by: number): Counted => ({ type: 'Counted', by });

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await database.pool.query(eventStoreTables);
  await database.pool.query('create table total (stream_id uuid primary key, n int not null)');
});
afterAll(() => database.drop());

const appendAt = (streamId: string, expectedVersion: number, ...events: Counted[]) =>
  inTransaction(database.pool, (client) => append(client, { streamId, expectedVersion, events }));
const read = (streamId: string) =>
  inTransaction(database.pool, (client) => readStream<Counted>(client, streamId));

test('several events are appended at once and read back in their order', async () => {
  const id = randomUUID();
  const stored = await appendAt(id, 0, counted(1), counted(2), counted(3));
  expect(stored.map(({ version }) => version)).toEqual([1, 2, 3]);
  expect(await read(id)).toEqual({ version: 3, events: [counted(1), counted(2), counted(3)] });
});

test('an append on an earlier version is refused and stores nothing', async () => {
  const id = randomUUID();
  await appendAt(id, 0, counted(1));
  await expect(appendAt(id, 0, counted(2))).rejects.toThrow(VersionConflict);
  await appendAt(id, 1, counted(2));
  await expect(appendAt(id, 1, counted(3), counted(4))).rejects.toThrow(VersionConflict);
  expect((await read(id)).events).toEqual([counted(1), counted(2)]);
});

test('a transaction that reads a stream locks it, so that no other one decides on an outdated state', async () => {
  const id = randomUUID();
  await appendAt(id, 0, counted(0));
  const add = () =>
    inTransaction(database.pool, async (client) => {
      const { version } = await readStream<Counted>(client, id);
      await append(client, { streamId: id, expectedVersion: version, events: [counted(version)] });
    });
  await Promise.all(Array.from({ length: 10 }, add));
  expect((await read(id)).events.map(({ by }) => by)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

const totals: Projection<Counted> = {
  async apply(client: PoolClient, events: readonly StoredEvent<Counted>[]) {
    for (const { streamId, event } of events) {
      await client.query(
        'insert into total values ($1, $2) on conflict (stream_id) do update set n = total.n + $2',
        [streamId, event.by],
      );
    }
  },
  clear: async (client) => void (await client.query('truncate total')),
};

test('a rebuilt projection equals the one that was updated with each append', async () => {
  for (let i = 0; i < 5; i++) {
    const id = randomUUID();
    await inTransaction(database.pool, async (client) => {
      await totals.apply(
        client,
        await append(client, {
          streamId: id,
          expectedVersion: 0,
          events: [counted(i), counted(1)],
        }),
      );
    });
  }
  const select = 'select * from total where n > 0 order by stream_id';
  const kept = (await database.pool.query(select)).rows;
  await inTransaction(database.pool, (client) => rebuild(client, totals, 3));
  const rebuilt = (await database.pool.query(select)).rows;
  expect(rebuilt).toEqual(expect.arrayContaining(kept));
  const { rows } = await database.pool.query('select sum(n) as sum from total');
  const events = await database.pool.query(
    `select sum((data->>'by')::int) as sum from domain_event`,
  );
  expect(rows).toEqual(events.rows);
});
