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
  type StoredFact,
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

const appendAt = (streamId: string, expectedVersion: number, ...facts: Counted[]) =>
  inTransaction(database.pool, (client) => append(client, { streamId, expectedVersion, facts }));
const read = (streamId: string) =>
  inTransaction(database.pool, (client) => readStream<Counted>(client, streamId));

test('several facts are appended at once, and read back in their order', async () => {
  const id = randomUUID();
  const stored = await appendAt(id, 0, counted(1), counted(2), counted(3));
  expect(stored.map(({ version }) => version)).toEqual([1, 2, 3]);
  expect(await read(id)).toEqual({ version: 3, facts: [counted(1), counted(2), counted(3)] });
});

test('an append on a version that has passed is refused, and leaves nothing', async () => {
  const id = randomUUID();
  await appendAt(id, 0, counted(1));
  await expect(appendAt(id, 0, counted(2))).rejects.toThrow(VersionConflict);
  await appendAt(id, 1, counted(2));
  await expect(appendAt(id, 1, counted(3), counted(4))).rejects.toThrow(VersionConflict);
  expect((await read(id)).facts).toEqual([counted(1), counted(2)]);
});

test('who reads a stream in order to append holds it: nobody decides on what is about to change', async () => {
  const id = randomUUID();
  await appendAt(id, 0, counted(0));
  const add = () =>
    inTransaction(database.pool, async (client) => {
      const { version } = await readStream<Counted>(client, id);
      await append(client, { streamId: id, expectedVersion: version, facts: [counted(version)] });
    });
  await Promise.all(Array.from({ length: 10 }, add));
  expect((await read(id)).facts.map(({ by }) => by)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
});

const totals: Projection<Counted> = {
  async apply(client: PoolClient, facts: readonly StoredFact<Counted>[]) {
    for (const { streamId, fact } of facts) {
      await client.query(
        'insert into total values ($1, $2) on conflict (stream_id) do update set n = total.n + $2',
        [streamId, fact.by],
      );
    }
  },
  clear: async (client) => void (await client.query('truncate total')),
};

test('a projection that is rebuilt from zero equals the one that was kept', async () => {
  for (let i = 0; i < 5; i++) {
    const id = randomUUID();
    await inTransaction(database.pool, async (client) => {
      await totals.apply(
        client,
        await append(client, { streamId: id, expectedVersion: 0, facts: [counted(i), counted(1)] }),
      );
    });
  }
  const select = 'select * from total where n > 0 order by stream_id';
  const kept = (await database.pool.query(select)).rows;
  await inTransaction(database.pool, (client) => rebuild(client, totals, 3));
  const rebuilt = (await database.pool.query(select)).rows;
  expect(rebuilt).toEqual(expect.arrayContaining(kept));
  const { rows } = await database.pool.query('select sum(n) as sum from total');
  const facts = await database.pool.query(`select sum((data->>'by')::int) as sum from fact`);
  expect(rows).toEqual(facts.rows);
});
