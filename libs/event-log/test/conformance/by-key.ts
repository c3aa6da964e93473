import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import type { IncomingRecord } from '../../src/client/record.ts';
import { KeyOrder, numbered } from './key-order.ts';
import { Recorder, until } from './recorder.ts';
import type { BrokerUnderTest } from './test-broker.ts';
import { Workbench } from './workbench.ts';

export function describeConsumingByKey(broker: BrokerUnderTest): void {
  describe('consuming by key', () => {
    const bench = new Workbench(broker);

    test('records of a key are handled one after the other, and different keys concurrently up to the limit', async () => {
      const log = bench.log();
      const topic = await bench.topic(log);
      await log.send(numbered(topic, 20, 0, 20));
      const order = new KeyOrder();
      const busy = Promise.withResolvers<void>();
      const consumer = bench.keyed({
        log,
        topics: [topic],
        concurrency: 8,
        highWater: 100,
        handle: (record) =>
          order.during(record, async () => {
            if (order.mostAtOnce === 8) busy.resolve();
            await busy.promise;
            await delay(Math.random() * 3);
          }),
      });
      await consumer.start();
      await order.complete(20, 20);
      expect(order.faults).toEqual([]);
      expect(order.mostAtOnce).toBe(8);
    });

    test('records without a key do not wait for each other', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 1);
      await log.send(['a', 'b', 'c'].map((value) => ({ topic, key: null, value })));
      const begun = new Recorder<IncomingRecord>();
      const release = Promise.withResolvers<void>();
      const consumer = bench.keyed({
        log,
        topics: [topic],
        handle: (record) => {
          begun.add(record);
          return release.promise;
        },
      });
      await consumer.start();
      await begun.count(3);
      expect(begun.seen.map(({ value }) => String(value)).toSorted()).toEqual(['a', 'b', 'c']);
      release.resolve();
    });

    test('a slow record delays only its own key, and no later record is committed', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 1);
      const groupId = `group-${topic}`;
      await log.send([
        { topic, key: 'slow', value: '0' },
        { topic, key: 'slow', value: '1' },
        { topic, key: 'quick', value: '2' },
        { topic, key: 'quick', value: '3' },
      ]);
      const ended = new Recorder<string>();
      const stuck = new AbortController();
      const first = bench.keyed({
        log,
        groupId,
        topics: [topic],
        drainMs: 0,
        handle: async (record) => {
          const value = String(record.value);
          if (value === '0') await once(stuck.signal);
          ended.add(value);
        },
      });
      await first.start();
      await ended.count(2);
      expect(ended.seen).toEqual(['2', '3']);
      await first.stop();
      const again = new Recorder<string>();
      const second = bench.keyed({
        log: bench.log(),
        groupId,
        topics: [topic],
        handle: (record) => {
          again.add(String(record.value));
          return Promise.resolve();
        },
      });
      await second.start();
      await again.count(4);
      expect(again.seen.toSorted()).toEqual(['0', '1', '2', '3']);
      stuck.abort();
    });

    test('records that were handled before an orderly stop are not handled again', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 2);
      const groupId = `group-${topic}`;
      const handled = new Recorder<string>();
      const member = () =>
        bench.keyed({
          log,
          groupId,
          topics: [topic],
          handle: async (record) => {
            await delay(2);
            handled.add(String(record.value));
          },
        });
      await log.send(
        Array.from({ length: 40 }, (_, n) => ({ topic, key: `k${n}`, value: `${n}` })),
      );
      const first = member();
      await first.start();
      await handled.count(10);
      await first.stop();
      await log.send([{ topic, key: 'last', value: '40' }]);
      await member().start();
      await handled.until('the rest', (seen) => new Set(seen).size === 41);
      expect(handled.seen).toHaveLength(41);
    });

    test('a full consumer has no more records in memory than its high water mark, and continues when there is capacity', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 3);
      await log.send(numbered(topic, 40, 0, 25));
      const order = new KeyOrder();
      const release = Promise.withResolvers<void>();
      let mostBuffered = 0;
      const consumer = bench.keyed({
        log,
        topics: [topic],
        concurrency: 4,
        highWater: 10,
        handle: (record) =>
          order.during(record, async () => {
            mostBuffered = Math.max(mostBuffered, consumer.bufferedCount);
            await release.promise;
          }),
      });
      await consumer.start();
      await until(() => consumer.bufferedCount === 10);
      // Until it no longer waits for capacity, and has paused its partitions.
      await delay(600);
      expect(consumer.bufferedCount).toBe(10);
      release.resolve();
      await order.complete(40, 25);
      expect(mostBuffered).toBeLessThanOrEqual(10);
      expect(order.faults).toEqual([]);
      await until(() => consumer.bufferedCount === 0);
    });

    test('a partition whose records are stuck does not block another partition', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 2);
      const stuck = Array.from({ length: 200 }, (_, n) => `stuck ${n}`);
      await log.send(stuck.map((value) => ({ topic, partition: 0, key: 'k', value })));
      const handled = new Recorder<string>();
      const release = Promise.withResolvers<void>();
      const consumer = bench.keyed({
        log,
        topics: [topic],
        concurrency: 4,
        handle: async (record) => {
          if (record.partition === 0) await release.promise;
          handled.add(String(record.value));
        },
      });
      await consumer.start();
      await until(() => consumer.bufferedCount >= 4);
      const others = Array.from({ length: 60 }, (_, n) => `other ${n}`);
      await log.send(others.map((value) => ({ topic, partition: 1, key: value, value })));
      await handled.until('the other partition', (seen) => seen.length === 60);
      expect(handled.seen.toSorted()).toEqual(others.toSorted());
      expect(consumer.bufferedCount).toBeLessThanOrEqual(8);
      release.resolve();
      await handled.count(260);
    });

    test('a backlog on one partition does not block the others', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 2);
      const backlog = (partition: number) =>
        Array.from({ length: 300 }, (_, n) => ({ topic, partition, key: `${n}`, value: 'v' }));
      await log.send([...backlog(0), ...backlog(1)]);
      const handled = new Recorder<IncomingRecord>();
      const consumer = bench.keyed({
        log,
        topics: [topic],
        concurrency: 4,
        handle: async (record) => {
          await delay(1);
          handled.add(record);
        },
      });
      await consumer.start();
      await handled.count(200);
      const ofFirst = handled.seen.slice(0, 200).filter(({ partition }) => partition === 0).length;
      expect(ofFirst).toBeGreaterThan(40);
      expect(ofFirst).toBeLessThan(160);
    });
  });
}

const once = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
