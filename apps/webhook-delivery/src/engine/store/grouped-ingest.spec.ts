import { expect, test } from 'vitest';

import { endpoint, Partition } from '../../../test/events.ts';
import { claimedHead } from '../../../test/scripted-store.ts';
import type { ClaimOffer, IngestBatch } from '../../model/lane-store.ts';
import type { Timer } from '../../model/timer.ts';
import { GroupedIngest } from './grouped-ingest.ts';

const one = endpoint();
const batch = (partition: number, events = 1): IngestBatch =>
  new Partition(partition).batch([one], ...Array.from({ length: events }, () => ({})));

/** Transactions that end by command, with their batches and offers, in order. */
function transactions() {
  const begun: { partitions: number[]; offer: ClaimOffer | undefined; end: () => void }[] = [];
  let waitIsOver = () => {};
  const timer: Timer = (_ms, callback) => {
    waitIsOver = callback;
    return () => {};
  };
  const grouped = new GroupedIngest(async (batches, offer) => {
    const { promise, resolve } = Promise.withResolvers<void>();
    const partitions = batches.map(({ partition }) => partition);
    begun.push({ partitions, offer, end: resolve });
    await promise;
    if (partitions.includes(13)) throw new Error('13 is at fault');
    const heads = Array.from({ length: offer?.slots ?? 0 }, (_, n) =>
      claimedHead({ laneId: `${n}` }),
    );
    return {
      batches: batches.map(({ events }) => ({ events: events.length, deliveries: 1, skipped: 0 })),
      heads,
    };
  }, timer);
  const groups = () => begun.map(({ partitions }) => partitions);
  return { begun, grouped, groups, takesLong: () => waitIsOver() };
}

/** Resolves after all pending callbacks. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('a single batch is ingested at once; batches that arrive meanwhile form one group', async () => {
  const { begun, grouped, groups } = transactions();
  const calls = [0, 1, 2, 3, 4].map((partition) => grouped.ingest(batch(partition, partition + 1)));
  expect(groups()).toEqual([[0]]);
  begun[0]!.end();
  await calls[0];
  await settled();
  expect(groups()).toEqual([[0], [1, 2, 3, 4]]);
  begun[1]!.end();
  expect((await Promise.all(calls)).map(({ events }) => events)).toEqual([1, 2, 3, 4, 5]);
});

test('beside a slow transaction another one begins, up to four', async () => {
  const { begun, grouped, groups, takesLong } = transactions();
  for (let partition = 0; partition < 5; partition++) {
    void grouped.ingest(batch(partition));
    takesLong();
  }
  expect(groups()).toEqual([[0], [1], [2], [3]]);
  void grouped.ingest(batch(5));
  takesLong();
  expect(groups()).toHaveLength(4);
  begun[2]!.end();
  await settled();
  expect(groups().at(-1)).toEqual([4, 5]);
});

test('batches of one partition are ingested one after the other, in their order', async () => {
  const { begun, grouped, groups } = transactions();
  for (const [partition, events] of [
    [0, 1],
    [1, 1],
    [2, 1],
    [2, 2],
    [3, 1],
    [2, 3],
  ] as const)
    void grouped.ingest(batch(partition, events));
  for (const end of [0, 1, 2, 3]) {
    begun[end]?.end();
    await settled();
  }
  expect(groups()).toEqual([[0], [1, 2, 3], [2], [2]]);
});

test('a group has no more events than the maximum; a larger batch is ingested alone', async () => {
  const { begun, grouped, groups } = transactions();
  const sizes = [1, 400, 400, 400, 1500];
  for (const [partition, events] of sizes.entries()) void grouped.ingest(batch(partition, events));
  for (const end of [0, 1, 2, 3]) {
    begun[end]?.end();
    await settled();
  }
  expect(groups()).toEqual([[0], [1, 2], [3], [4]]);
});

test('only the batch at fault fails', async () => {
  const { begun, grouped, groups } = transactions();
  const calls = [0, 1, 12, 13, 14].map((partition) => grouped.ingest(batch(partition)));
  const results = Promise.allSettled(calls);
  for (let end = 0; end < 6; end++) {
    begun[end]?.end();
    await settled();
  }
  expect((await results).map(({ status }) => status)).toEqual([
    'fulfilled',
    'fulfilled',
    'fulfilled',
    'rejected',
    'fulfilled',
  ]);
  expect(groups()).toEqual([[0], [1, 12, 13, 14], [1], [12], [13], [14]]);
});

test('claimed heads are distributed by the offers; two lease holders are not in one group', async () => {
  const { begun, grouped } = transactions();
  void grouped.ingest(batch(0));
  const calls = [
    grouped.ingest(batch(2), { leaseHolder: 'a', slots: 2 }),
    grouped.ingest(batch(3)),
    grouped.ingest(batch(4), { leaseHolder: 'a', slots: 3 }),
    grouped.ingest(batch(5), { leaseHolder: 'b', slots: 1 }),
  ];
  for (let end = 0; end < 4; end++) {
    begun[end]?.end();
    await settled();
  }
  expect(begun.slice(1).map(({ partitions, offer }) => ({ partitions, offer }))).toEqual([
    { partitions: [2, 3, 4], offer: { leaseHolder: 'a', slots: 5 } },
    { partitions: [5], offer: { leaseHolder: 'b', slots: 1 } },
  ]);
  expect((await Promise.all(calls)).map(({ heads }) => heads.length)).toEqual([2, 0, 3, 1]);
});
