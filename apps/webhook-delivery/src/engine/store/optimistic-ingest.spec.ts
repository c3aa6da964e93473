import { randomUUID } from 'node:crypto';

import { inTransaction } from '@casewire/service';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import {
  deliveryDatabase,
  expectNoFaults,
  type DeliveryDatabase,
} from '../../../test/delivery-database.ts';
import { batchOf, callback, endpoint, incomingEvent, Partition } from '../../../test/events.ts';
import type { ClaimOffer, IngestBatch } from '../../model/lane-store.ts';
import { DestinationIds } from './destination-ids.ts';
import { ingestBatches } from './ingest.ts';
import { ingestOptimistically, OptimisticIngestFailed } from './optimistic-ingest.ts';

let database: DeliveryDatabase;
let known: DestinationIds;
let partition: Partition;
const to = endpoint();
beforeAll(async () => {
  database = await deliveryDatabase();
});
beforeEach(async () => {
  [known, partition] = [new DestinationIds(), new Partition()];
  await asItComes(partition.batch([to], {}));
});
afterEach(async () => {
  await expectNoFaults(database);
  await database.clear();
});
afterAll(() => database.drop());

const asItComes = (...batches: IngestBatch[]) =>
  inTransaction(database.pool, async (client) => {
    const taken = await ingestBatches(client, batches);
    known.add(taken.destinations);
    return taken;
  });
const asExpected = (batches: IngestBatch[], offer?: ClaimOffer) =>
  inTransaction(database.pool, async (client) => {
    const { heads, ...taken } = await ingestOptimistically(client, batches, offer, known.ids);
    return { ...taken, heads: await heads };
  });
const stored = async () => {
  const { rows } = await database.pool.query<{ events: number; deliveries: number; at: string }>(
    `select (select count(*)::int from event) as events, (select count(*)::int from delivery) as deliveries,
       (select sum(next_offset) from intake_cursor) as at`,
  );
  return rows[0]!;
};

test('batches that are new, and for what is known, are taken in, and their heads are claimed', async () => {
  const batches = [partition.batch([to], {}, { key: 'a' }), new Partition(1).batch([to], {})];
  expect(known.coverAll(batches)).toBe(true);
  const taken = await asExpected(batches, { leaseHolder: randomUUID(), slots: 10 });
  expect(taken.batches).toEqual([
    { events: 2, deliveries: 2, skipped: 0 },
    { events: 1, deliveries: 1, skipped: 0 },
  ]);
  // The lane of the first event is due since it came: its head is claimed along with the others.
  expect(taken.heads.map(({ seq }) => seq)).toEqual(['1', '1']);
  expect(await stored()).toEqual({ events: 4, deliveries: 4, at: '4' });
});

test('a batch that nobody wants is taken in as well', async () => {
  expect(await asExpected([partition.batch([], {})])).toMatchObject({
    batches: [{ events: 1, deliveries: 0, skipped: 0 }],
    heads: [],
  });
});

describe('of what is not as expected nothing stays:', () => {
  const refused = async (...batches: IngestBatch[]) => {
    const before = await stored();
    await expect(asExpected(batches)).rejects.toThrow(OptimisticIngestFailed);
    expect(await stored()).toEqual(before);
    // And it comes in the other way.
    await asItComes(...batches);
  };

  test('a record below the cursor', async () => {
    const again = batchOf([to], [incomingEvent({ offset: 0n })]);
    await refused(again);
    expect(await stored()).toMatchObject({ events: 1 });
  });

  test('an event that another partition has brought', async () => {
    const event = { id: randomUUID() };
    await asItComes(new Partition(1).batch([to], event));
    await refused(partition.batch([to], event, {}));
    expect(await stored()).toMatchObject({ events: 3, deliveries: 3 });
  });

  test('an event that comes twice in it', async () => {
    const event = { id: randomUUID() };
    await refused(partition.batch([to], event, event));
    expect(await stored()).toMatchObject({ events: 2, deliveries: 2 });
  });

  test('a destination that was deleted', async () => {
    await database.store.deleteDestination(to.id);
    await refused(partition.batch([to], {}));
  });

  test('a destination that is not there any more', async () => {
    await database.clear();
    partition = new Partition();
    await refused(partition.batch([to], {}));
    expect(await stored()).toMatchObject({ events: 1, deliveries: 1 });
  });
});

test('what is for a destination that is not known, or erases, is not expected', () => {
  const url = { callback: callback('https://receiver.example/once') };
  expect(known.coverAll([partition.batch([to, url], {})])).toBe(false);
  expect(known.coverAll([partition.batch([endpoint()], {})])).toBe(false);
  expect(known.coverAll([partition.batch([to], { type: 'case.erased' })])).toBe(false);
});
