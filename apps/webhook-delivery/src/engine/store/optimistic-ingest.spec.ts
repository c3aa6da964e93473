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
  await ingestPlainly(partition.batch([to], {}));
});
afterEach(async () => {
  await expectNoFaults(database);
  await database.clear();
});
afterAll(() => database.drop());

const ingestPlainly = (...batches: IngestBatch[]) =>
  inTransaction(database.pool, async (client) => {
    const ingested = await ingestBatches(client, batches);
    known.add(ingested.destinations);
    return ingested;
  });
const ingestAll = (batches: IngestBatch[], offer?: ClaimOffer) =>
  inTransaction(database.pool, async (client) => {
    const { heads, ...ingested } = await ingestOptimistically(client, batches, offer, known.ids);
    return { ...ingested, heads: await heads };
  });
const stored = async () => {
  const { rows } = await database.pool.query<{ events: number; deliveries: number; at: string }>(
    `select (select count(*)::int from event) as events, (select count(*)::int from delivery) as deliveries,
       (select sum(next_offset) from intake_cursor) as at`,
  );
  return rows[0]!;
};

test('new batches for known destinations are ingested, and their heads are claimed', async () => {
  const batches = [partition.batch([to], {}, { key: 'a' }), new Partition(1).batch([to], {})];
  expect(known.coverAll(batches)).toBe(true);
  const ingested = await ingestAll(batches, { leaseHolder: randomUUID(), slots: 10 });
  expect(ingested.batches).toEqual([
    { events: 2, deliveries: 2, skipped: 0 },
    { events: 1, deliveries: 1, skipped: 0 },
  ]);
  // The lane of the first event is still due: its head is claimed, too.
  expect(ingested.heads.map(({ seq }) => seq)).toEqual(['1', '1']);
  expect(await stored()).toEqual({ events: 4, deliveries: 4, at: '4' });
});

test('a batch without deliveries is ingested as well', async () => {
  expect(await ingestAll([partition.batch([], {})])).toMatchObject({
    batches: [{ events: 1, deliveries: 0, skipped: 0 }],
    heads: [],
  });
});

describe('a batch that violates an assumption leaves no rows:', () => {
  const refused = async (...batches: IngestBatch[]) => {
    const before = await stored();
    await expect(ingestAll(batches)).rejects.toThrow(OptimisticIngestFailed);
    expect(await stored()).toEqual(before);
    // The plain ingest accepts it.
    await ingestPlainly(...batches);
  };

  test('a record below the cursor', async () => {
    const again = batchOf([to], [incomingEvent({ offset: 0n })]);
    await refused(again);
    expect(await stored()).toMatchObject({ events: 1 });
  });

  test('an event that is stored from another partition', async () => {
    const event = { id: randomUUID() };
    await ingestPlainly(new Partition(1).batch([to], event));
    await refused(partition.batch([to], event, {}));
    expect(await stored()).toMatchObject({ events: 3, deliveries: 3 });
  });

  test('an event that is in the batch twice', async () => {
    const event = { id: randomUUID() };
    await refused(partition.batch([to], event, event));
    expect(await stored()).toMatchObject({ events: 2, deliveries: 2 });
  });

  test('a deleted destination', async () => {
    await database.store.deleteDestination(to.id);
    await refused(partition.batch([to], {}));
  });

  test('a destination that does not exist any more', async () => {
    await database.clear();
    partition = new Partition();
    await refused(partition.batch([to], {}));
    expect(await stored()).toMatchObject({ events: 1, deliveries: 1 });
  });
});

test('the cache does not cover unknown destinations and erasures', () => {
  const url = { callback: callback('https://receiver.example/once') };
  expect(known.coverAll([partition.batch([to, url], {})])).toBe(false);
  expect(known.coverAll([partition.batch([endpoint()], {})])).toBe(false);
  expect(known.coverAll([partition.batch([to], { type: 'case.erased' })])).toBe(false);
});
