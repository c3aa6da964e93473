import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, expect, test } from 'vitest';

import { deliveryDatabase, type DeliveryDatabase } from '../../../test/delivery-database.ts';
import { endpoint, resultOf, Partition } from '../../../test/events.ts';
import { createAttemptPartitions, dropAttemptPartitions } from './attempt-partitions.ts';

let database: DeliveryDatabase;
beforeEach(async () => {
  database = await deliveryDatabase();
});
afterEach(() => database.drop());

const leaseHolder = randomUUID();
const now = new Date('2026-03-29T00:30:00Z');
const daysAgo = (days: number) => new Date(now.getTime() - days * 24 * 60 * 60 * 1000);
const partitions = async () =>
  (
    await database.pool.query<{ name: string }>(
      `select inhrelid::regclass::text as name from pg_inherits where inhparent = 'attempt'::regclass order by 1`,
    )
  ).rows.map(({ name }) => name);

async function attemptAt(startedAt: Date, outcome: 'delivered' | 'failed', partition: number) {
  const { store } = database;
  await store.ingest(new Partition(partition).batch([endpoint()], { key: `case-${partition}` }));
  const heads = await store.claim(leaseHolder, 10);
  await store.recordResults(
    leaseHolder,
    heads.map((head) => resultOf(head, outcome, { startedAt, delayMs: 60_000 })),
  );
}

test('today and the next days have partitions, even if several instances create them repeatedly', async () => {
  const { pool } = database;
  await Promise.all([1, 2, 3].map(() => createAttemptPartitions(pool, now, 3)));
  await createAttemptPartitions(pool, now, 3);
  expect(await partitions()).toEqual([
    'attempt_20260329',
    'attempt_20260330',
    'attempt_20260331',
    'attempt_default',
  ]);
});

test('days are in UTC, whatever the time zone of a connection', async () => {
  const { pool } = database;
  const name = new URL(database.url).pathname.slice(1);
  await pool.query(`alter database ${name} set timezone to 'Pacific/Auckland'`);
  await createAttemptPartitions(pool, now, 1);
  await attemptAt(new Date('2026-03-29T23:59:59.999Z'), 'delivered', 0);
  await attemptAt(new Date('2026-03-30T00:00:00Z'), 'delivered', 1);
  const { rows } = await pool.query(
    'select tableoid::regclass::text as part from attempt order by 1',
  );
  expect(rows).toEqual([{ part: 'attempt_20260329' }, { part: 'attempt_default' }]);
});

test('attempts of a day that had no partition stay in the default partition', async () => {
  await attemptAt(now, 'delivered', 0);
  await createAttemptPartitions(database.pool, now, 2);
  expect(await partitions()).toEqual(['attempt_20260330', 'attempt_default']);
});

test('old attempts in the default partition are deleted, except those of open deliveries', async () => {
  const { pool } = database;
  await attemptAt(daysAgo(10), 'delivered', 0);
  await attemptAt(daysAgo(9), 'failed', 1);
  await attemptAt(daysAgo(6), 'delivered', 2);
  await dropAttemptPartitions(pool, now, 7);
  const { rows } = await pool.query<{ started_at: Date }>(
    'select started_at from attempt order by started_at',
  );
  expect(rows.map((row) => row.started_at)).toEqual([daysAgo(9), daysAgo(6)]);
});

test('TV-L1 attempts are kept for thirty days; older days are dropped, except those with attempts of open deliveries', async () => {
  const { pool } = database;
  for (const days of [40, 35, 31, 30, 0]) await createAttemptPartitions(pool, daysAgo(days), 1);
  await attemptAt(daysAgo(40), 'delivered', 0);
  await attemptAt(daysAgo(35), 'failed', 1);
  await attemptAt(daysAgo(31), 'delivered', 2);
  await attemptAt(daysAgo(30), 'delivered', 3);
  await dropAttemptPartitions(pool, now, 30);
  expect(await partitions()).toEqual([
    'attempt_20260222',
    'attempt_20260227',
    'attempt_20260329',
    'attempt_default',
  ]);
  const { rows } = await pool.query<{ at: Date }>(
    'select started_at as at from attempt order by 1',
  );
  expect(rows.map(({ at }) => at)).toEqual([daysAgo(35), daysAgo(30)]);
});
