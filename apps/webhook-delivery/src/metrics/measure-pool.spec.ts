import { testDatabase } from '@casewire/testing';
import { Pool } from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';

import { measurePool } from './measure-pool.ts';

let pool: Pool;
let waits: [pool: string, seconds: number][];
let waiting: () => number;
/** In milliseconds. */
let clock: number;

beforeEach(async () => {
  waits = [];
  clock = 0;
  const { url } = await testDatabase();
  pool = new Pool({ connectionString: url, max: 1, connectionTimeoutMillis: 5_000 });
  measurePool(
    pool,
    'some',
    {
      waitedForConnection: (...wait) => void waits.push(wait),
      observePool: (_, read) => void (waiting = read),
    },
    () => clock,
  );
});
afterEach(() => pool.end());

test('a connection that is waited for is measured, and so are those that wait', async () => {
  const first = await pool.connect();
  expect(waits).toEqual([['some', 0]]);
  const second = pool.connect();
  expect(waiting()).toBe(1);
  clock = 1_500;
  first.release();
  (await second).release();
  expect(waits).toEqual([
    ['some', 0],
    ['some', 1.5],
  ]);
  expect(waiting()).toBe(0);
});

test('a statement of the pool waits, too, and its result is as before', async () => {
  const first = await pool.connect();
  const counted = pool.query<{ n: number }>('select 1 as n');
  clock = 20;
  first.release();
  expect((await counted).rows).toEqual([{ n: 1 }]);
  await expect(pool.query('select 1 / 0')).rejects.toThrow('division by zero');
  expect(waits.map(([, seconds]) => seconds)).toEqual([0, 0.02, 0]);
});

test('one that gives up waiting is measured, and fails as before', async () => {
  const url = 'postgres://nobody:x@127.0.0.1:1/none';
  const unreachable = new Pool({ connectionString: url, max: 1 });
  const failed: number[] = [];
  measurePool(unreachable, 'some', {
    waitedForConnection: (_, seconds) => void failed.push(seconds),
    observePool: () => undefined,
  });
  await expect(unreachable.connect()).rejects.toThrow('ECONNREFUSED');
  await expect(unreachable.query('select 1')).rejects.toThrow('ECONNREFUSED');
  expect(failed).toHaveLength(2);
  await unreachable.end();
});
