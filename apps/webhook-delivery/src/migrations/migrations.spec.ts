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

test('what was kept of answers about erased cases is removed by a migration', async () => {
  const { pool } = database;
  await source.runMigrations({ transaction: 'each' });
  await source.undoLastMigration({ transaction: 'each' });
  const owner = '00000000-0000-4000-8000-00000000000f';
  const { rows } = await pool.query<{ id: string }>(
    `insert into destination (endpoint_id, organization_id, environment, enabled, revision)
     values ($1, $1, 'sandbox', true, 1) returning id`,
    [owner],
  );
  const events = [
    ['case.completed', 'null'],
    ['case.erased', '{}'],
    ['case.submitted', '{}'],
  ] as const;
  for (const [index, [type, data]] of events.entries()) {
    await pool.query(
      `with e as (
         insert into event (id, topic, key, type, version, organization_id, environment, feature, occurred_at, data, digest,
           registry_offset, matched)
         values (gen_random_uuid(), 't', $1, $1, 1, $2, 'sandbox', '', now(), nullif($3, 'null')::jsonb, '', 0, 1) returning id),
       l as (
         insert into lane (destination_id, topic, key, feature, tail) values ($4, 't', $1, '', 1) returning id),
       d as (
         insert into delivery (lane_id, seq, destination_id, event_id, dialect, headers, body, last_error)
         select l.id, 1, $4, e.id, 'casewire', '{}', '', 'FAILED: some words' from e, l returning id)
       insert into attempt (delivery_id, number, started_at, duration_ms, request_headers, response_headers, response_body,
         error)
       select id, $5, now(), 1, '{}', '{"a":"b"}', 'said', 'FAILED: some words' from d`,
      [type, owner, data, rows[0]!.id, index + 1],
    );
  }
  await source.runMigrations({ transaction: 'each' });
  const kept = await pool.query(
    `select response_headers is null and response_body is null as gone, error, d.last_error
     from attempt a join delivery d on d.id = a.delivery_id order by number`,
  );
  const gone = { gone: true, error: 'FAILED', last_error: 'FAILED' };
  const words = 'FAILED: some words';
  expect(kept.rows).toEqual([gone, gone, { gone: false, error: words, last_error: words }]);
  await pool.query('delete from attempt');
  for (const table of ['delivery', 'lane', 'destination', 'event'])
    await pool.query(`delete from ${table}`);
  for (const _ of migrations) await source.undoLastMigration({ transaction: 'each' });
});

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
