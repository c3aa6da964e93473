import { afterAll, beforeAll, expect, test } from 'vitest';

import { deliveryDatabase, type DeliveryDatabase } from '../../../test/delivery-database.ts';
import { endpoint, Partition } from '../../../test/events.ts';
import { allowRate } from './destination.sql.ts';

const leaseHolder = 'a0f6f3c2-54b1-4d2c-9e0e-3d7a1f3c9b10';
let database: DeliveryDatabase;
beforeAll(async () => {
  database = await deliveryDatabase();
});
afterAll(() => database.drop());

test('a destination gets no more than the rate it allows, whatever rate its endpoint is configured with', async () => {
  const { store, pool } = database;
  const one = endpoint({ ratePerSecond: 100 });
  await store.setDestination({ endpointId: one.id, ...one });
  const events = ['a', 'b', 'c'].map((key) => ({ key }));
  await store.ingest(new Partition().batch([one], ...events));
  const { rows } = await pool.query<{ id: string }>('select id from destination');
  await allowRate(pool, rows[0]!.id, 0.001);
  let claimed = 0;
  const claim = async () => (claimed += (await store.claim(leaseHolder, 10)).length);
  expect(await claim()).toBe(1);
  expect(await claim()).toBe(1);
  await allowRate(pool, rows[0]!.id, null);
  await expect.poll(claim).toBe(3);
});
