import { describe, expect, test } from 'vitest';

import type { IncomingRecord } from '../../src/client/record.ts';
import { Recorder } from './recorder.ts';
import type { BrokerUnderTest } from './test-broker.ts';
import { Workbench } from './workbench.ts';

export function describeConsumingInBatches(broker: BrokerUnderTest): void {
  describe('consuming in batches', () => {
    const bench = new Workbench(broker);

    test('all records of a partition are handled in order, one batch after the other, and partitions concurrently', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 2);
      const numbers = Array.from({ length: 1_200 }, (_, number) => number);
      await log.send(
        numbers.map((number) => ({ topic, partition: number % 2, key: null, value: `${number}` })),
      );
      const batches = new Recorder<IncomingRecord[]>();
      const bothBusy = Promise.withResolvers<void>();
      const busy = new Set<number>();
      const faults: string[] = [];
      const consumer = bench.batch({
        log,
        topics: [topic],
        handle: async (records, { partition }) => {
          if (busy.has(partition)) faults.push(`partition ${partition} twice at once`);
          busy.add(partition);
          if (busy.size === 2) bothBusy.resolve();
          await bothBusy.promise;
          busy.delete(partition);
          batches.add(records);
        },
      });
      await consumer.start();
      await batches.until('all records', (seen) => seen.flat().length >= 1_200);
      for (const partition of [0, 1]) {
        const read = batches.seen.flat().filter((record) => record.partition === partition);
        expect(read.map(({ offset }) => Number(offset))).toEqual(numbers.slice(0, 600));
      }
      expect(faults).toEqual([]);
      expect(batches.seen.length).toBeLessThan(100);
    });

    test('a partition with a slow handler does not delay the others', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 2);
      const handled = new Recorder<IncomingRecord>();
      const release = Promise.withResolvers<void>();
      const consumer = bench.batch({
        log,
        topics: [topic],
        handle: async (records, { partition }) => {
          if (partition === 0) await release.promise;
          for (const record of records) handled.add(record);
        },
      });
      await consumer.start();
      await log.send([{ topic, partition: 0, key: null, value: 'slow' }]);
      for (let number = 0; number < 20; number += 1) {
        await log.send([{ topic, partition: 1, key: null, value: `${number}` }]);
        await handled.count(number + 1);
      }
      expect(handled.seen.some(({ partition }) => partition === 0)).toBe(false);
      release.resolve();
      await handled.count(21);
    });

    test('a batch whose handler never ended is handled again by the next member', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 1);
      const groupId = `group-${topic}`;
      const begun = new Recorder<IncomingRecord[]>();
      const first = bench.batch({
        log,
        groupId,
        topics: [topic],
        drainMs: 0,
        handle: (records, { signal }) => {
          begun.add(records);
          return new Promise((_resolve, reject) => {
            signal.addEventListener('abort', () => {
              reject(signal.reason as Error);
            });
          });
        },
      });
      await log.send([{ topic, key: 'k', value: 'v' }]);
      await first.start();
      await begun.count(1);
      await first.stop();
      const second = bench.batch({
        log,
        groupId,
        topics: [topic],
        handle: (records) => {
          begun.add(records);
          return Promise.resolve();
        },
      });
      await second.start();
      await begun.count(2);
      expect(begun.seen[1]).toEqual(begun.seen[0]);
    });
  });
}
