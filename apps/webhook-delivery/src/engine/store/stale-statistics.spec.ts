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
let withTimeout: Pool;
beforeAll(async () => {
  database = await deliveryDatabase();
});
beforeEach(() => {
  // A plan that reads all rows for each row takes minutes here, the right one some hundredths of a second.
  withTimeout = new Pool({
    connectionString: database.url,
    pipeline: true,
    statement_timeout: 5_000,
    options: '-c plan_cache_mode=force_generic_plan',
  });
});
afterEach(() => withTimeout.end());
afterAll(() => database.drop());

/** @returns how many replayed deliveries were delivered */
const deliverAndReplay = async () => {
  const fixture = new ReplayFixture({
    ...database,
    pool: withTimeout,
    store: new PostgresLaneStore(withTimeout),
  });
  for (let batch = 0; batch < 3; batch++)
    await fixture.ingest(...Array.from({ length: 600 }, (_, n) => ({ key: `${batch}-${n}` })));
  expect(await fixture.replayed()).toEqual([]);
  await fixture.create(fixture.ofEverything());
  await fixture.queueAll();
  return (await fixture.replayed()).length;
};

test('no statement reads whole tables after the planner’s statistics were taken of empty ones', async () => {
  // Leaves empty pages: for a table without pages the planner assumes ten.
  expect(await deliverAndReplay()).toBe(1800);
  await database.clear();
  await database.pool.query('analyze');
  expect(await deliverAndReplay()).toBe(1800);
  // The check for forbidden states does read whole tables.
  await database.pool.query('analyze');
  await expectNoFaults(database);
});
