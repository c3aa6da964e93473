import { randomUUID } from 'node:crypto';

import { inTransaction } from '@casewire/service';
import { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { deliveryDatabase, type DeliveryDatabase } from '../../../test/delivery-database.ts';
import { endpoint, resultOf, Partition } from '../../../test/events.ts';
import { describeLaneStore } from '../../../test/lane-store/lane-store.suite.ts';
import { changeSql } from '../../../test/sql-fault.ts';
import type { ClaimedHead } from '../../model/lane-store.ts';
import { claim } from './claim.ts';
import { PostgresLaneStore } from './postgres-lane-store.ts';

describeLaneStore('lanes in PostgreSQL', async () => {
  const made = await deliveryDatabase();
  const { store, inspect } = made;
  return { store, inspect, clear: () => made.clear(), close: () => made.drop() };
});

let database: DeliveryDatabase;
beforeAll(async () => {
  database = await deliveryDatabase();
});
beforeEach(() => database.clear());
afterAll(() => database.drop());

test('a claim that another one is in the middle of makes nobody wait', async () => {
  const { store, pool } = database;
  await store.ingest(new Partition(0).batch([endpoint()], {}, { key: 'another' }));
  await inTransaction(pool, async (client) => {
    const { heads } = await claim(client, { leaseHolder: randomUUID(), slots: 1 }, '0');
    expect(await heads).toHaveLength(1);
    expect(await store.claim(randomUUID(), 10)).toEqual([]);
    await store.ingest(new Partition(1).batch([endpoint()], { key: 'a third' }));
    expect(await store.claim(randomUUID(), 10)).toHaveLength(1);
  });
});

test('an attempt stands in the partition of its day', async () => {
  const { store, pool } = database;
  const leaseHolder = randomUUID();
  await store.ingest(new Partition().batch([endpoint()], {}));
  const [head] = await store.claim(leaseHolder, 1);
  await store.recordResults(leaseHolder, [resultOf(head!)]);
  const { rows } = await pool.query('select tableoid::regclass::text as part from attempt');
  expect(rows).toEqual([{ part: 'attempt_default' }]);
});

test('a destination that delivers is not written for it', async () => {
  const { store, pool } = database;
  const leaseHolder = randomUUID();
  const partition = new Partition();
  const to = endpoint();
  const deliver = async () => {
    await store.ingest(partition.batch([to], {}));
    const [head] = await store.claim(leaseHolder, 1);
    await store.recordResults(leaseHolder, [resultOf(head!)]);
  };
  const version = async () => (await pool.query('select ctid from destination')).rows;
  await deliver();
  const before = await version();
  await deliver();
  expect(await version()).toEqual(before);
});

test('batches, claims and outcomes that meet at many destinations do not lock each other out', async () => {
  const pool = new Pool({ connectionString: database.url, max: 20, pipeline: true });
  const lost: unknown[] = [];
  const stores = [0, 1, 2].map(
    () => new PostgresLaneStore(pool, { onHealthUpdateFailed: (error) => lost.push(error) }),
  );
  const endpoints = Array.from({ length: 120 }, () => endpoint());
  let turn = 0;
  // Every other outcome is a failure: destinations are written while others are about to hold them.
  const settle = (store: PostgresLaneStore, leaseHolder: string, heads: readonly ClaimedHead[]) =>
    Promise.all(
      [0, 1, 2].map((part) =>
        store.recordResults(
          leaseHolder,
          heads
            .filter((_, i) => i % 3 === part)
            .map((head) => resultOf(head, turn++ % 2 === 0 ? 'failed' : 'delivered')),
        ),
      ),
    );
  const takeIn = async (store: PostgresLaneStore, number: number) => {
    const [leaseHolder, partition] = [randomUUID(), new Partition(number)];
    for (let round = 0; round < 25; round++) {
      const from = (7 * turn) % 80;
      const batch = partition.batch(endpoints.slice(from, from + 40), { key: `case-${round % 9}` });
      const { heads } = await store.ingest(batch, { leaseHolder, slots: 30 });
      await settle(store, leaseHolder, heads);
    }
  };
  const claimOn = async (store: PostgresLaneStore) => {
    const leaseHolder = randomUUID();
    for (let round = 0; round < 25; round++)
      await settle(store, leaseHolder, await store.claim(leaseHolder, 60));
  };
  await Promise.all(stores.flatMap((store, i) => [takeIn(store, i), claimOn(store)]));
  expect(lost).toEqual([]);
  // A connection that ends tells of the deadlocks it was in, also of those after which something was done again.
  await pool.end();
  const { rows } = await database.pool.query(
    'select deadlocks from pg_stat_database where datname = current_database()',
  );
  expect(rows).toEqual([{ deadlocks: '0' }]);
});

test('what outcomes say of a destination is written again where somebody else came between', async () => {
  const { pool } = database;
  await pool.query(`
    create function conflict() returns int language plpgsql volatile as $$
    begin raise exception using errcode = '40P01'; end $$`);
  const lost: unknown[] = [];
  let conflicts = 2;
  const hold = (text: string) =>
    conflicts-- > 0 ? text.replace('select', 'select conflict(),') : `${text} `;
  const store = new PostgresLaneStore(changeSql(pool, { statements: { 'hold-health': hold } }), {
    onHealthUpdateFailed: (error) => lost.push(error),
  });
  const failures = async () => (await pool.query('select failures from destination')).rows;
  const fail = async () => {
    const leaseHolder = randomUUID();
    await store.recordResults(leaseHolder, [
      resultOf((await store.claim(leaseHolder, 1))[0]!, 'failed'),
    ]);
  };
  await store.ingest(new Partition().batch([endpoint()], { key: 'a' }, { key: 'b' }));
  await fail();
  expect([lost, await failures()]).toEqual([[], [{ failures: 1 }]]);
  conflicts = 3;
  await fail();
  expect([lost, await failures()]).toMatchObject([[{ code: '40P01' }], [{ failures: 1 }]]);
});

test('a batch that fails fails with what went wrong first, however many statements went with it, and leaves nothing', async () => {
  const { pool } = database;
  await pool.query(`
    create function disk_full() returns bigint language plpgsql volatile as $$
    begin raise exception using errcode = '53100'; end $$`);
  let full = false;
  const hold = (text: string) =>
    full ? text.replace('order by id', 'and id > disk_full() order by id') : `${text} `;
  const store = new PostgresLaneStore(changeSql(pool, { statements: { 'hold-lanes': hold } }));
  const [to, partition] = [endpoint(), new Partition()];
  await store.ingest(partition.batch([to], {}));
  full = true;
  const batches = [
    // Of a destination that is known, and of one that is not.
    partition.batch([to], { key: 'a' }),
    new Partition(1).batch([endpoint()], { key: 'b' }),
  ];
  for (const batch of batches)
    await expect(store.ingest(batch)).rejects.toMatchObject({ code: '53100' });
  expect((await pool.query('select count(*)::int as n from event')).rows).toEqual([{ n: 1 }]);
  full = false;
  for (const batch of batches) expect(await store.ingest(batch)).toMatchObject({ deliveries: 1 });
});
