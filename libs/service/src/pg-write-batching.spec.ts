import type { Writable } from 'node:stream';

import { testDatabase, type TestDatabase } from '@casewire/testing';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { batchWrites } from './pg-write-batching.ts';
import { pipelined } from './pipelined.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

test('statements of one turn are written at once, those of the next by themselves, and all are answered', async () => {
  const client = await database.pool.connect();
  const { stream } = (client as unknown as { connection: { stream: Writable } }).connection;
  const once = vi.spyOn(stream, '_write');
  const several = vi.spyOn(stream as Required<Writable>, '_writev');
  const writes = () => once.mock.calls.length + several.mock.calls.length;
  batchWrites(client);
  const one = (n: number) => client.query<{ n: number }>('select $1::int as n', [n]);
  const answers = await pipelined([one(1), one(2), client.query<{ n: number }>('select 3 as n')]);
  expect(answers.map(({ rows }) => rows[0]!.n)).toEqual([1, 2, 3]);
  expect(writes()).toBe(1);
  expect((await one(4)).rows).toEqual([{ n: 4 }]);
  expect(writes()).toBe(2);
  await expect(pipelined([client.query('select 1/0'), one(5)])).rejects.toThrow('division by zero');
  expect(writes()).toBe(3);
  client.release();
});
