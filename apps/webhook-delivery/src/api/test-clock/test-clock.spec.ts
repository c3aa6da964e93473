import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import {
  deliveryDatabase,
  expectNoFaults,
  type DeliveryDatabase,
} from '../../../test/delivery-database.ts';
import { endpoint, organizationId, resultOf, Partition } from '../../../test/events.ts';
import { tenant, sealer } from '../../../test/replay-fixture.ts';
import { IdempotentHandler } from '../idempotent-handler.ts';
import { TestClockService } from './test-clock.service.ts';

let database: DeliveryDatabase;
let clock: TestClockService;
let woken: number;
const claimer = randomUUID();
beforeAll(async () => {
  database = await deliveryDatabase();
});
beforeEach(async () => {
  await database.clear();
  await database.pool.query('delete from idempotency_key');
  woken = 0;
  clock = new TestClockService(new IdempotentHandler(database.pool, sealer), () => void woken++);
});
afterEach(() => expectNoFaults(database));
afterAll(() => database.drop());

const claimed = async () => (await database.store.claim(claimer, 10)).map(({ eventId }) => eventId);
/** One event for each endpoint, whose first attempt failed: each waits for an hour. */
const failedOnce = async (...endpoints: ReturnType<typeof endpoint>[]) => {
  await database.store.ingest(new Partition().batch(endpoints, {}));
  const heads = await database.store.claim(claimer, 10);
  await database.store.recordResults(
    claimer,
    heads.map((head) => resultOf(head, 'failed', { delayMs: 3_600_000 })),
  );
  return heads.map(({ eventId }) => eventId);
};

test('a retry becomes due when enough time has passed, and not before', async () => {
  const [event] = await failedOnce(endpoint());
  expect(await clock.advance(tenant, { seconds: 3000 }, undefined)).toEqual({
    retries: 1,
    endpoints: 0,
  });
  expect(await claimed()).toEqual([]);
  expect(await clock.advance(tenant, { seconds: 601 }, undefined)).toMatchObject({ retries: 1 });
  expect(await claimed()).toEqual([event]);
  expect(woken).toBe(2);
  // The attempt is in progress: nothing waits.
  expect(await clock.advance(tenant, { seconds: 60 }, undefined)).toMatchObject({ retries: 0 });
});

test('a closed gate opens sooner', async () => {
  const { pool, store } = database;
  await store.ingest(new Partition().batch([endpoint()], {}));
  await pool.query(`update destination set gate_until = now() + interval '1 hour'`);
  expect(await claimed()).toEqual([]);
  expect(await clock.advance(tenant, { seconds: 3601 }, undefined)).toEqual({
    retries: 0,
    endpoints: 1,
  });
  expect(await claimed()).toHaveLength(1);
});

test('only the time of one organization’s sandbox advances', async () => {
  await failedOnce(
    endpoint({ organizationId: randomUUID() }),
    endpoint({ environment: 'production' }),
  );
  expect(await clock.advance(tenant, { seconds: 7200 }, undefined)).toMatchObject({ retries: 0 });
  expect(await claimed()).toEqual([]);
  const production = { organizationId, environment: 'production' };
  await expect(clock.advance(production, { seconds: 60 }, undefined)).rejects.toMatchObject({
    status: 409,
    code: 'TEST_CLOCK_IN_PRODUCTION',
  });
});

test('time passes once per Idempotency-Key', async () => {
  await failedOnce(endpoint());
  const first = await clock.advance(tenant, { seconds: 2000 }, 'once');
  expect(await clock.advance(tenant, { seconds: 2000 }, 'once')).toEqual(first);
  expect(await claimed()).toEqual([]);
  await expect(clock.advance(tenant, { seconds: 1 }, 'once')).rejects.toMatchObject({
    status: 422,
  });
});
