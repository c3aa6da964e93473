import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import {
  deliveryDatabase,
  expectNoFaults,
  type DeliveryDatabase,
} from '../../../test/delivery-database.ts';
import { drain } from '../../../test/drain.ts';
import {
  callback,
  endpoint,
  resultOf,
  Partition,
  type TestDestination,
} from '../../../test/events.ts';
import { suspendFailing } from './suspend-failing.ts';

let database: DeliveryDatabase;
let partition: Partition;
beforeAll(async () => {
  database = await deliveryDatabase();
});
afterEach(async () => {
  await expectNoFaults(database);
  await database.clear();
});
afterAll(() => database.drop());

const leaseHolder = randomUUID();
const day = 86_400_000;
const sweep = async () => suspendFailing(database.pool, await database.inspect.now(), 5 * day);
const suspensions = async () =>
  (await database.inspect.destinations()).map(({ suspension }) => suspension);

/** An attempt of everything that is due. */
async function attempted(outcome: 'delivered' | 'failed' | 'exhausted') {
  const heads = await database.store.claim(leaseHolder, 20);
  expect(heads).not.toEqual([]);
  await database.store.recordResults(
    leaseHolder,
    heads.map((head) => resultOf(head, outcome)),
  );
}

/** Something for it, that failed at once. */
async function failing(...wanted: TestDestination[]) {
  partition = new Partition();
  await database.store.ingest(partition.batch(wanted, {}));
  await attempted('failed');
}

test('an endpoint that has failed for as long as the period, and lately, is suspended, and accrues', async () => {
  const { store, inspect } = database;
  const to = endpoint();
  await failing(to);
  await inspect.timePasses(5 * day - 60_000);
  await attempted('failed');
  expect(await sweep()).toBe(0);
  await inspect.timePasses(60_000);
  expect(await sweep()).toBe(1);
  expect(await sweep()).toBe(0);
  expect(await suspensions()).toEqual(['failing']);
  await store.ingest(partition.batch([to], {}, {}));
  expect(await drain(store)).toEqual([]);
  const { rows } = await database.pool.query(
    `select data->>'type' as type, data->>'reason' as reason, abs(extract(epoch from
       (data->>'failingSince')::timestamptz - t.failing_since)) < 0.001 as since
     from delivery_event o join destination t on t.id = o.destination_id`,
  );
  expect(rows).toEqual([{ type: 'endpoint.suspended', reason: 'failing', since: true }]);
});

test('G4 what came while it was suspended is delivered in order afterwards', async () => {
  const { store, inspect } = database;
  const to = endpoint();
  await failing(to);
  await inspect.timePasses(5 * day);
  await attempted('failed');
  expect(await sweep()).toBe(1);
  await store.ingest(partition.batch([to], {}, {}, {}));
  await store.resume(to.id);
  expect((await drain(store)).map(({ seq }) => seq)).toEqual(['1', '2', '3', '4']);
  expect(await sweep()).toBe(0);
});

test('one that failed long ago and was not called since is not suspended for its silence', async () => {
  await failing(endpoint());
  await database.inspect.timePasses(6 * day);
  expect(await sweep()).toBe(0);
  await attempted('failed');
  await database.inspect.timePasses(2.6 * day);
  expect(await sweep()).toBe(0);
  await attempted('exhausted');
  expect(await sweep()).toBe(1);
});

test('one that took anything since is not suspended', async () => {
  await failing(endpoint());
  await database.inspect.timePasses(6 * day);
  await attempted('delivered');
  expect(await sweep()).toBe(0);
});

test('a callback URL, a disabled endpoint and one that is no more are left alone', async () => {
  const { store, inspect } = database;
  const [disabled, deleted] = [endpoint(), endpoint()];
  await failing(disabled, deleted, { callback: callback('https://one.test/cb') });
  await inspect.timePasses(6 * day);
  await attempted('failed');
  await store.setDestination({ endpointId: disabled.id, ...disabled, enabled: false, revision: 2 });
  await store.deleteDestination(deleted.id);
  // Whatever is known of a callback URL.
  await database.pool.query(
    `update destination set failing_since = now() - interval '6 days', failed_at = now()`,
  );
  expect(await sweep()).toBe(0);
});

test('one that recovers while the sweep waits for it is left alone', async () => {
  const { pool, inspect } = database;
  await failing(endpoint());
  await inspect.timePasses(6 * day);
  await attempted('failed');
  const holder = await pool.connect();
  await holder.query('begin');
  await holder.query('update destination set failing_since = null, failures = 0');
  const sweeping = sweep();
  await expect
    .poll(async () => {
      const { rows } = await pool.query<{ waiting: number }>(
        `select count(*)::int as waiting from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'`,
      );
      return rows[0]!.waiting;
    })
    .toBe(1);
  await holder.query('commit');
  holder.release();
  expect(await sweeping).toBe(0);
  expect(await suspensions()).toEqual([null]);
});
