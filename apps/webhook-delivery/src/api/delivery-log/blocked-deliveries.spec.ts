import { randomUUID } from 'node:crypto';

import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';

import {
  deliveryDatabase,
  expectNoFaults,
  type DeliveryDatabase,
} from '../../../test/delivery-database.ts';
import { drain } from '../../../test/drain.ts';
import { endpoint, resultOf, Partition } from '../../../test/events.ts';
import { tenant, sealer } from '../../../test/replay-fixture.ts';
import { IdempotentHandler } from '../idempotent-handler.ts';
import { BlockedDeliveriesService } from './blocked-deliveries.service.ts';
import { DeliveryLogService } from './delivery-log.service.ts';

let database: DeliveryDatabase;
let blocked: BlockedDeliveriesService;
let woken: number;
beforeAll(async () => {
  database = await deliveryDatabase();
});
beforeEach(async () => {
  await database.clear();
  woken = 0;
  blocked = new BlockedDeliveriesService(
    new DeliveryLogService(database.pool, sealer),
    database.store,
    new IdempotentHandler(database.pool, sealer),
    () => void woken++,
  );
});
afterEach(() => expectNoFaults(database));
afterAll(() => database.drop());

/** A lane with two deliveries, blocked at the first. @returns the ids of the deliveries */
async function blockedLane(): Promise<[string, string]> {
  await database.store.ingest(new Partition().batch([endpoint({ onExhausted: 'block' })], {}, {}));
  const by = randomUUID();
  const heads = await database.store.claim(by, 1);
  await database.store.recordResults(
    by,
    heads.map((head) => resultOf(head, 'blocked')),
  );
  const [first, second] = await database.inspect.deliveries();
  return [first!.id, second!.id];
}

test('retry sends the blocking delivery again, then the rest of the lane', async () => {
  const [first, second] = await blockedLane();
  const decided = await blocked.unblock(tenant, first, { decision: 'retry' }, undefined);
  expect(decided).toMatchObject({ id: first, state: 'pending', blocked: false });
  expect(woken).toBe(1);
  expect((await drain(database.store)).map(({ deliveryId }) => deliveryId)).toEqual([
    first,
    second,
  ]);
});

test('skip exhausts the blocking delivery, and the lane continues after it', async () => {
  const [first, second] = await blockedLane();
  const decided = await blocked.unblock(tenant, first, { decision: 'skip' }, undefined);
  expect(decided).toMatchObject({ id: first, state: 'exhausted' });
  expect(await drain(database.store)).toMatchObject([{ deliveryId: second, gap: 1 }]);
});

test('only the delivery at the head of a blocked lane can be unblocked, and only by its tenant', async () => {
  const [first, second] = await blockedLane();
  const decision = { decision: 'skip' } as const;
  await expect(blocked.unblock(tenant, second, decision, undefined)).rejects.toMatchObject({
    status: 409,
    code: 'DELIVERY_NOT_BLOCKED',
  });
  const stranger = { ...tenant, organizationId: randomUUID() };
  for (const [who, id] of [
    [stranger, first],
    [tenant, '0'],
    [tenant, 'x'],
  ] as const)
    await expect(blocked.unblock(who, id, decision, undefined)).rejects.toMatchObject({
      status: 404,
    });
  expect(woken).toBe(0);
});

test('a decision with an Idempotency-Key takes effect once, and gets the same response again', async () => {
  const [first] = await blockedLane();
  const key = randomUUID();
  const responses = await Promise.all([
    blocked.unblock(tenant, first, { decision: 'skip' }, key),
    blocked.unblock(tenant, first, { decision: 'skip' }, key),
  ]);
  expect(responses[0]).toEqual(responses[1]);
  await expect(
    blocked.unblock(tenant, first, { decision: 'skip' }, undefined),
  ).rejects.toMatchObject({
    code: 'DELIVERY_NOT_BLOCKED',
  });
});
