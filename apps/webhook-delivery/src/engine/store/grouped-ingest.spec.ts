import { expect, test } from 'vitest';

import { endpoint, Partition } from '../../../test/events.ts';
import { claimedHead } from '../../../test/scripted-store.ts';
import type { ClaimOffer, IngestBatch } from '../../model/lane-store.ts';
import type { Timer } from '../../model/timer.ts';
import { GroupedIngest } from './grouped-ingest.ts';

const one = endpoint();
const batch = (partition: number, events = 1): IngestBatch =>
  new Partition(partition).batch([one], ...Array.from({ length: events }, () => ({})));

/** Transactions that end when they are told to; what they were given, in their order. */
function transactions() {
  const begun: { partitions: number[]; offer: ClaimOffer | undefined; end: () => void }[] = [];
  let losePatience = () => {};
  const later: Timer = (_ms, then) => {
    losePatience = then;
    return () => {};
  };
  const combined = new GroupedIngest(async (batches, offer) => {
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
  }, later);
  const groups = () => begun.map(({ partitions }) => partitions);
  return { begun, combined, groups, takesLong: () => losePatience() };
}

/** Lets what was resolved be taken note of. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

test('what comes alone goes at once; what comes meanwhile goes together', async () => {
  const { begun, combined, groups } = transactions();
  const calls = [0, 1, 2, 3, 4].map((partition) =>
    combined.ingest(batch(partition, partition + 1)),
  );
  expect(groups()).toEqual([[0]]);
  begun[0]!.end();
  await calls[0];
  await settled();
  expect(groups()).toEqual([[0], [1, 2, 3, 4]]);
  begun[1]!.end();
  expect((await Promise.all(calls)).map(({ events }) => events)).toEqual([1, 2, 3, 4, 5]);
});

test('beside a transaction that takes long another begins, and no more than a few', async () => {
  const { begun, combined, groups, takesLong } = transactions();
  for (let partition = 0; partition < 5; partition++) {
    void combined.ingest(batch(partition));
    takesLong();
  }
  expect(groups()).toEqual([[0], [1], [2], [3]]);
  void combined.ingest(batch(5));
  takesLong();
  expect(groups()).toHaveLength(4);
  begun[2]!.end();
  await settled();
  expect(groups().at(-1)).toEqual([4, 5]);
});

test('batches of one partition come one after the other, in their order', async () => {
  const { begun, combined, groups } = transactions();
  for (const [partition, events] of [
    [0, 1],
    [1, 1],
    [2, 1],
    [2, 2],
    [3, 1],
    [2, 3],
  ] as const)
    void combined.ingest(batch(partition, events));
  for (const end of [0, 1, 2, 3]) {
    begun[end]?.end();
    await settled();
  }
  expect(groups()).toEqual([[0], [1, 2, 3], [2], [2]]);
});

test('no more events go together than a transaction is to hold; a batch that is larger goes alone', async () => {
  const { begun, combined, groups } = transactions();
  const sizes = [1, 400, 400, 400, 1500];
  for (const [partition, events] of sizes.entries()) void combined.ingest(batch(partition, events));
  for (const end of [0, 1, 2, 3]) {
    begun[end]?.end();
    await settled();
  }
  expect(groups()).toEqual([[0], [1, 2], [3], [4]]);
});

test('only the batch that is at fault fails', async () => {
  const { begun, combined, groups } = transactions();
  const calls = [0, 1, 12, 13, 14].map((partition) => combined.ingest(batch(partition)));
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

test('what is claimed is shared out by what was offered; two owners do not claim together', async () => {
  const { begun, combined } = transactions();
  void combined.ingest(batch(0));
  const calls = [
    combined.ingest(batch(2), { leaseHolder: 'a', slots: 2 }),
    combined.ingest(batch(3)),
    combined.ingest(batch(4), { leaseHolder: 'a', slots: 3 }),
    combined.ingest(batch(5), { leaseHolder: 'b', slots: 1 }),
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
