import { testDatabase, type TestDatabase } from '@casewire/testing';
import type { QueryRunner } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { migrate } from './migrations.ts';

class CreateFirst1764600000000 {
  async up(db: QueryRunner) {
    await db.query('create table first (id int)');
  }
  async down(db: QueryRunner) {
    await db.query('drop table first');
  }
}

class CreateSecond1764700000000 {
  async up(db: QueryRunner) {
    await db.query('create table second (id int)');
  }
  async down(db: QueryRunner) {
    await db.query('drop table second');
  }
}

let database: TestDatabase;
beforeAll(async () => {
  database = await testDatabase();
});
afterAll(() => database.drop());

const tables = async () => {
  const { rows } = await database.pool.query<{ tablename: string }>(
    `select tablename from pg_tables where schemaname = 'public' order by tablename`,
  );
  return rows.map(({ tablename }) => tablename);
};

test('migrations run once, also when several instances start at once', async () => {
  const all = [CreateFirst1764600000000];
  await Promise.all([1, 2, 3].map(() => migrate(database.url, all)));
  await migrate(database.url, all);
  expect(await tables()).toEqual(['first', 'migrations']);
});

test('a database of another version is refused with a clear message, and is not changed', async () => {
  await migrate(database.url, [CreateFirst1764600000000]);
  const refused = migrate(database.url, [CreateSecond1764700000000]);
  await expect(refused).rejects.toMatchObject({
    code: 'DATABASE_OF_ANOTHER_VERSION',
    message: expect.stringMatching(
      /^the database \S+ was made by another version of Casewire: it has the migrations CreateFirst1764600000000, .*Use an empty database or an empty data folder/,
    ),
  });
  expect(await tables()).toEqual(['first', 'migrations']);
});
