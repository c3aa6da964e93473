import type { Writable } from 'node:stream';

import { testDatabase, type TestDatabase } from '@casewire/testing';
import type { PoolClient } from 'pg';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { batchWrites } from './pg-write-batching.ts';
import { pipelined } from './pipelined.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

/** Counts the writes to the socket of a connection. `connection.stream` is internal to pg; the patch relies on it. */
function countWrites(client: PoolClient): () => number {
  const { stream } = (client as unknown as { connection: { stream: Writable } }).connection;
  const single = vi.spyOn(stream, '_write');
  const several = vi.spyOn(stream as Required<Writable>, '_writev');
  return () => single.mock.calls.length + several.mock.calls.length;
}

const select = (client: PoolClient, n: number) =>
  client.query<{ n: number }>('select $1::int as n', [n]);

test('without the patch pg sends statements of one turn with several writes', async () => {
  const client = await database.pool.connect();
  const writes = countWrites(client);
  await pipelined([select(client, 1), select(client, 2), select(client, 3)]);
  expect(writes()).toBeGreaterThan(1);
  client.release(true);
});

test('statements of one turn of the event loop are sent with one write, those of the next turn with another one', async () => {
  const client = await database.pool.connect();
  const writes = countWrites(client);
  batchWrites(client);
  const results = await pipelined([
    select(client, 1),
    select(client, 2),
    client.query<{ n: number }>('select 3 as n'),
  ]);
  expect(results.map(({ rows }) => rows[0]!.n)).toEqual([1, 2, 3]);
  expect(writes()).toBe(1);
  expect((await select(client, 4)).rows).toEqual([{ n: 4 }]);
  expect(writes()).toBe(2);
  await expect(pipelined([client.query('select 1/0'), select(client, 5)])).rejects.toThrow(
    'division by zero',
  );
  expect(writes()).toBe(3);
  client.release();
});
