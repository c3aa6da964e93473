import { testDatabase, type TestDatabase } from '@casewire/testing';
import { DataSource } from 'typeorm';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { migrations } from './index.ts';

let database: TestDatabase;
let source: DataSource;
beforeAll(async () => {
  database = await testDatabase();
  source = new DataSource({ type: 'postgres', url: database.url, migrations });
  await source.initialize();
});
afterAll(async () => {
  await source.destroy();
  await database.drop();
});

/** Every table and index, as the database would make it again. */
const shape = async () =>
  (
    await database.pool.query(`
      select indexdef as line from pg_indexes where schemaname = 'public' and tablename <> 'migrations'
      union all
      select table_name || ' ' || column_name || ' ' || data_type || ' ' || is_nullable
      from information_schema.columns where table_schema = 'public' and table_name <> 'migrations'
      order by 1`)
  ).rows;

test('each migration can be undone, back to where it began, and made again', async () => {
  expect(await shape()).toEqual([]);
  await source.runMigrations({ transaction: 'each' });
  const whole = await shape();
  for (const _ of migrations) await source.undoLastMigration({ transaction: 'each' });
  expect(await shape()).toEqual([]);
  await source.runMigrations({ transaction: 'each' });
  expect(await shape()).toEqual(whole);
  await source.undoLastMigration({ transaction: 'each' });
  await source.runMigrations({ transaction: 'each' });
  expect(await shape()).toEqual(whole);
});
