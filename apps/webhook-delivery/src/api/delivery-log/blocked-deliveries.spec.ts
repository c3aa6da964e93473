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

/** A lane of two, blocked at the first; @returns their ids */
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

test('retry lets the lane go on with what it was blocked at', async () => {
  const [first, second] = await blockedLane();
  const decided = await blocked.unblock(tenant, first, { decision: 'retry' }, undefined);
  expect(decided).toMatchObject({ id: first, state: 'pending', blocked: false });
  expect(woken).toBe(1);
  expect((await drain(database.store)).map(({ deliveryId }) => deliveryId)).toEqual([
    first,
    second,
  ]);
});

test('skip gives it up, and the lane goes on behind it', async () => {
  const [first, second] = await blockedLane();
  const decided = await blocked.unblock(tenant, first, { decision: 'skip' }, undefined);
  expect(decided).toMatchObject({ id: first, state: 'exhausted' });
  expect(await drain(database.store)).toMatchObject([{ deliveryId: second, gap: 1 }]);
});

test('what is not at the head of a lane that is blocked cannot be decided on, and nobody else’s is found', async () => {
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

test('a decision under an Idempotency-Key is taken once, and answered again', async () => {
  const [first] = await blockedLane();
  const key = randomUUID();
  const answers = await Promise.all([
    blocked.unblock(tenant, first, { decision: 'skip' }, key),
    blocked.unblock(tenant, first, { decision: 'skip' }, key),
  ]);
  expect(answers[0]).toEqual(answers[1]);
  await expect(
    blocked.unblock(tenant, first, { decision: 'skip' }, undefined),
  ).rejects.toMatchObject({
    code: 'DELIVERY_NOT_BLOCKED',
  });
});
