import { testDatabase, type TestDatabase } from '@casewire/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { pipelined } from './pipelined.ts';
import { FinalStatements, inTransaction } from './transaction.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
  await database.pool.query('create table counted (n int primary key)');
});
beforeEach(() => database.pool.query('delete from counted'));
afterAll(() => database.drop());

const count = async () => {
  const { rows } = await database.pool.query<{ n: number }>('select n from counted order by n');
  return rows.map(({ n }) => n);
};
const add = (n: number) => ({ text: 'insert into counted values ($1)', values: [n] });

test('a transaction is all or nothing', async () => {
  await inTransaction(database.pool, (client) => client.query(add(1)));
  const broken = inTransaction(database.pool, async (client) => {
    await client.query(add(2));
    throw new Error('no');
  });
  await expect(broken).rejects.toThrow('no');
  expect(await count()).toEqual([1]);
});

test('final statements are committed, and their result is the result of the transaction', async () => {
  const result = await inTransaction(database.pool, async (client) => {
    await client.query(add(1));
    return new FinalStatements(client.query(add(2)).then(({ rowCount }) => rowCount));
  });
  expect(result).toBe(1);
  expect(await count()).toEqual([1, 2]);
});

test('a failed final statement rolls the transaction back, and the connection can be used again', async () => {
  const broken = inTransaction(database.pool, async (client) => {
    await client.query(add(1));
    return new FinalStatements(client.query('select 1/0'));
  });
  await expect(broken).rejects.toMatchObject({ code: '22012' });
  expect(await count()).toEqual([]);
  await inTransaction(database.pool, (client) => client.query(add(3)));
  expect(await count()).toEqual([3]);
});

test('of pipelined statements the error of the first failed one is thrown, also when they are nested', async () => {
  const broken = inTransaction(database.pool, (client) =>
    pipelined([
      client.query(add(1)),
      pipelined([client.query(add(2)), pipelined([client.query('select 1/0')])]),
      client.query(add(3)),
    ]),
  );
  await expect(broken).rejects.toMatchObject({ code: '22012' });
  expect(await count()).toEqual([]);
});

test('results have the order of the statements', async () => {
  const results = await inTransaction(database.pool, async (client) => {
    const [one, none, three] = await pipelined([
      client.query<{ n: number }>('select 1 as n'),
      undefined,
      client.query<{ n: string }>(`select 'three' as n`),
    ]);
    return [one.rows[0]!.n, none, three.rows[0]!.n];
  });
  expect(results).toEqual([1, undefined, 'three']);
});
