import { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import {
  deliveryDatabase,
  expectNoFaults,
  type DeliveryDatabase,
} from '../../../test/delivery-database.ts';
import { ReplayFixture } from '../../../test/replay-fixture.ts';
import { PostgresLaneStore } from './postgres-lane-store.ts';

let database: DeliveryDatabase;
let impatient: Pool;
beforeAll(async () => {
  database = await deliveryDatabase();
});
beforeEach(() => {
  // A plan that looks at all rows for each of them takes minutes for these many, the right one some hundredths of a second.
  impatient = new Pool({
    connectionString: database.url,
    pipeline: true,
    statement_timeout: 5_000,
    options: '-c plan_cache_mode=force_generic_plan',
  });
});
afterEach(() => impatient.end());
afterAll(() => database.drop());

/** @returns how many of what was replayed was delivered */
const deliverAndReplay = async () => {
  const replaying = new ReplayFixture({
    ...database,
    pool: impatient,
    store: new PostgresLaneStore(impatient),
  });
  for (let batch = 0; batch < 3; batch++)
    await replaying.ingest(...Array.from({ length: 600 }, (_, n) => ({ key: `${batch}-${n}` })));
  expect(await replaying.replayed()).toEqual([]);
  await replaying.create(replaying.ofEverything());
  await replaying.queueAll();
  return (await replaying.replayed()).length;
};

test('no statement looks through whole tables because they were empty when the planner was told of them', async () => {
  // Leaves pages behind: an empty table without any is believed to hold ten.
  expect(await deliverAndReplay()).toBe(1800);
  await database.clear();
  await database.pool.query('analyze');
  expect(await deliverAndReplay()).toBe(1800);
  // What looks for faults does read whole tables.
  await database.pool.query('analyze');
  await expectNoFaults(database);
});
