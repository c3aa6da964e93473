import { randomUUID } from 'node:crypto';

import { inTransaction } from '@casewire/service';
import { testDatabase, type TestDatabase } from '@casewire/testing';
import type { PoolClient } from 'pg';
import { afterAll, beforeEach, expect, test } from 'vitest';

import { append, eventStoreTables, readStream, type StoredEvent } from './event-store.ts';
import type { Projection } from './projection.ts';
import { rebuild } from './rebuild.ts';

interface Counted {
  type: 'Counted';
  by: number;
}

const totals: Projection<Counted> = {
  tables: ['total'],
  async apply(client: PoolClient, events: readonly StoredEvent<Counted>[]) {
    for (const { streamId, event } of events) {
      await client.query(
        `insert into total values ($1, $2) on conflict (stream_id) do update set n = total.n + $2`,
        [streamId, event.by],
      );
    }
  },
};

let database: TestDatabase;
const opened: TestDatabase[] = [];
beforeEach(async () => {
  database = await testDatabase();
  opened.push(database);
  await database.pool.query(eventStoreTables);
  await database.pool.query('create table total (stream_id uuid primary key, n int not null)');
});
afterAll(() => Promise.all(opened.map((one) => one.drop())));

/** Appends a count to a stream and to its total. */
async function count(id: string, by: number): Promise<void> {
  await inTransaction(database.pool, async (client) => {
    const { version } = await readStream<Counted>(client, id);
    const events: Counted[] = [{ type: 'Counted', by }];
    await totals.apply(
      client,
      await append(client, { streamId: id, expectedVersion: version, events }),
    );
  });
}

async function counts(streams: number): Promise<string[]> {
  const ids = Array.from({ length: streams }, () => randomUUID());
  for (const [i, id] of ids.entries()) {
    await count(id, i);
    await count(id, 1);
  }
  return ids;
}

const rows = async () => (await database.pool.query('select * from total order by stream_id')).rows;

test('a rebuilt read model equals the one that was updated with each append', async () => {
  await counts(7);
  expect(await rebuild(database.pool, totals, { replace: false, batch: 3 })).toEqual({
    streams: 7,
    events: 14,
    differences: [],
  });
});

test('a row that is missing and a row that should not exist are found, and stay without replacement', async () => {
  const [first, second] = await counts(2);
  await database.pool.query('delete from total where stream_id = $1', [first]);
  await database.pool.query('update total set n = 99 where stream_id = $1', [second]);
  const before = await rows();
  const { differences } = await rebuild(database.pool, totals, { replace: false });
  expect(differences).toEqual([{ table: 'total', missing: 2, unexpected: 1 }]);
  expect(await rows()).toEqual(before);
});

test('a replacement repairs the read model', async () => {
  const [first] = await counts(3);
  const right = await rows();
  await database.pool.query('delete from total where stream_id = $1', [first]);
  await rebuild(database.pool, totals, { replace: true });
  expect(await rows()).toEqual(right);
  expect(await rebuild(database.pool, totals, { replace: false })).toMatchObject({
    differences: [],
  });
});

test('appends go on while the read model is rebuilt, and none is lost', async () => {
  const ids = await counts(40);
  const rebuilt = new AbortController();
  let appended = 0;
  const appendUntilRebuilt = async () => {
    for (let i = 0; !rebuilt.signal.aborted; i++) {
      await count(ids[i % ids.length]!, 1);
      if (i % 5 === 0) await count(randomUUID(), 1);
      appended++;
    }
  };
  const appending = Promise.all([appendUntilRebuilt(), appendUntilRebuilt()]);
  const { differences } = await rebuild(database.pool, totals, { replace: true, batch: 4 });
  rebuilt.abort();
  await appending;
  expect(differences).toEqual([]);
  expect(appended).toBeGreaterThan(0);
  expect(await rebuild(database.pool, totals, { replace: false })).toMatchObject({
    differences: [],
  });
});
