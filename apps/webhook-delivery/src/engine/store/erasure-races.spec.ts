import { randomUUID } from 'node:crypto';

import { Pool, type PoolClient } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test, vi } from 'vitest';

import {
  deliveryDatabase,
  expectNoFaults,
  type DeliveryDatabase,
} from '../../../test/delivery-database.ts';
import { endpoint, resultOf, Partition } from '../../../test/events.ts';
import type { ClaimedHead } from '../../model/lane-store.ts';
import { ingest } from './ingest.ts';
import { recordResults } from './record-results.ts';

const leaseHolder = randomUUID();
let database: DeliveryDatabase;
let pool: Pool;
let partition: Partition;
let head: ClaimedHead;
let first: PoolClient;
let second: PoolClient;
beforeAll(async () => {
  database = await deliveryDatabase();
  pool = new Pool({ connectionString: database.url, pipeline: true });
});
beforeEach(async () => {
  await database.clear();
  partition = new Partition();
  await database.store.ingest(partition.batch([endpoint()], { key: 'a' }));
  head = (await database.store.claim(leaseHolder, 1))[0]!;
  [first, second] = [await pool.connect(), await pool.connect()];
  await Promise.all([first.query('begin'), second.query('begin')]);
});
afterEach(async () => {
  first.release();
  second.release();
  await expectNoFaults(database);
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const answer = {
  responseHeaders: { 'x-about': 'Ada' },
  responseBody: Buffer.from('about Ada'),
  status: 500,
  error: 'ECONNRESET: by host-of-ada.test',
};
const write = (client: PoolClient) =>
  recordResults(client, leaseHolder, [resultOf(head, 'failed', answer)]);
const erase = (client: PoolClient) =>
  ingest(client, partition.batch([], { type: 'case.erased', key: 'a', data: { key: 'a' } }));

const isWaiting = async () => {
  const { rows } = await database.pool.query<{ waiting: number }>(
    `select count(*)::int as waiting from pg_stat_activity
     where datname = current_database() and wait_event_type = 'Lock'`,
  );
  return rows[0]!.waiting > 0;
};

test('an attempt that is being written down when its case is erased is scrubbed with the rest', async () => {
  expect(await write(first)).toMatchObject({ counted: 1 });
  const erasing = erase(second);
  await vi.waitUntil(isWaiting, { timeout: 20_000 });
  await first.query('commit');
  await erasing;
  await second.query('commit');
  const { rows } = await database.pool.query(
    'select request_body, response_headers, response_body, error from attempt',
  );
  expect(rows).toEqual([
    { request_body: null, response_headers: null, response_body: null, error: 'ECONNRESET' },
  ]);
  expect(await database.inspect.deliveries()).toMatchObject([
    { state: 'canceled', scrubbed: true, lastError: 'ECONNRESET' },
  ]);
});

test('an attempt that is written down while its case is being erased is not kept', async () => {
  await erase(second);
  const writing = write(first);
  await vi.waitUntil(isWaiting, { timeout: 20_000 });
  await second.query('commit');
  expect(await writing).toMatchObject({ counted: 0 });
  await first.query('commit');
  expect(await database.inspect.attempts()).toEqual([]);
  expect(await database.inspect.deliveries()).toMatchObject([{ state: 'canceled' }]);
});
