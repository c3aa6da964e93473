import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import type { IncomingRecord } from '../../src/client/record.ts';
import type { EventLog } from '../../src/event-log.ts';
import { KeyOrder, numbered } from './key-order.ts';
import { Load } from './load.ts';
import { startMember } from './member-process.ts';
import { Recorder, until } from './recorder.ts';
import type { BrokerUnderTest } from './test-broker.ts';
import { Workbench } from './workbench.ts';

const keys = 24;

export function describeRebalancing(broker: BrokerUnderTest): void {
  describe('members that join and leave', () => {
    const bench = new Workbench(broker);

    test('order per key and completeness survive joins and leaves under load', async () => {
      const log = bench.log();
      const topic = await bench.topic(log);
      const groupId = `group-${topic}`;
      const order = new KeyOrder();
      const member = async () => {
        const consumer = bench.keyed({
          log,
          groupId,
          topics: [topic],
          handle: (record) => order.during(record, () => delay(Math.random() * 4)),
        });
        await consumer.start();
        return consumer;
      };
      const load = numberedLoad(log, topic);
      const first = await member();
      await order.handled.count(keys * 10);
      const second = await member();
      await order.handled.count(keys * 60);
      const third = await member();
      await first.stop();
      await order.handled.count(keys * 110);
      await third.stop();
      await order.handled.count(keys * 160);
      const rounds = await load.stop();
      await order.complete(keys, rounds);
      await second.stop();
      expect(order.faults).toEqual([]);
      // Records in flight when a partition moves are handled again; records that were finished before are not.
      const repeats = order.handled.seen.length - keys * rounds;
      expect(repeats).toBeLessThan(150);
    });

    test('records that a killed process had not committed are handled by another member, and order per key is kept', async () => {
      const log = bench.log();
      const topic = await bench.topic(log);
      const groupId = `group-${topic}`;
      const load = numberedLoad(log, topic);
      const killed = startMember(broker().brokers, groupId, topic);
      bench.cleanup(() => killed.kill());
      await killed.reports.count(keys * 20);
      const handled = new Recorder<IncomingRecord>();
      const survivor = bench.keyed({
        log,
        groupId,
        topics: [topic],
        handle: async (record) => {
          await delay(1);
          handled.add(record);
        },
      });
      await survivor.start();
      const before = killed.reports.seen.length;
      await killed.reports.count(before + keys);
      await killed.kill();
      await handled.count(handled.seen.length + keys * 10);
      const rounds = await load.stop();
      const expected = Array.from({ length: rounds }, (_, number) => number);
      const completedBy = (key: string) => ({
        killed: killed.reports.seen
          .filter((report) => report.key === key && !report.begun)
          .map(({ number }) => Number(number)),
        survivor: handled.seen
          .filter((record) => record.key === key)
          .map(({ value }) => Number(String(value))),
      });
      const all = Array.from({ length: keys }, (_, key) => `key-${key}`);
      await handled.until('every record', () =>
        all.every((key) => {
          const { killed: theirs, survivor: ours } = completedBy(key);
          return new Set([...theirs, ...ours]).size === rounds;
        }),
      );
      for (const key of all) {
        const { killed: theirs, survivor: ours } = completedBy(key);
        // Apart from repeats, each of them handled the records of the key in order.
        expect(firstTimes(theirs)).toEqual(firstTimes(theirs).toSorted((a, b) => a - b));
        expect(firstTimes(ours)).toEqual(firstTimes(ours).toSorted((a, b) => a - b));
        expect([...new Set([...theirs, ...ours])].toSorted((a, b) => a - b)).toEqual(expected);
      }
    });

    test('a record whose handler was killed is handled again', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 1);
      const groupId = `group-${topic}`;
      await log.send([
        { topic, key: 'a', value: '0' },
        { topic, key: 'b', value: 'stuck' },
        { topic, key: 'c', value: '1' },
      ]);
      const killed = startMember(broker().brokers, groupId, topic);
      bench.cleanup(() => killed.kill());
      await killed.reports.until('the last record', (seen) =>
        seen.some(({ key, begun }) => key === 'c' && !begun),
      );
      // Time for a commit, which must not pass the record that is stuck.
      await delay(500);
      await killed.kill();
      const handled = new Recorder<string>();
      const next = bench.keyed({
        log,
        groupId,
        topics: [topic],
        handle: (record) => {
          handled.add(String(record.value));
          return Promise.resolve();
        },
      });
      await next.start();
      await handled.until('all records that were not committed', (seen) => seen.length === 2);
      expect(handled.seen.toSorted()).toEqual(['1', 'stuck']);
    });

    test('the signal of a handler aborts when its partition is lost, and its key waits until it ends', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 2);
      const events = new Recorder<string>();
      const release = Promise.withResolvers<void>();
      const running = new Map<string | null, number>();
      const member = (name: string) =>
        bench.keyed({
          log,
          groupId: `group-${topic}`,
          topics: [topic],
          handle: async ({ key }, { signal }) => {
            running.set(key, (running.get(key) ?? 0) + 1);
            if (running.get(key)! > 1) events.add(`${key} runs twice`);
            events.add(`${name} begins ${key}`);
            signal.addEventListener('abort', () => {
              events.add(`${name} loses ${key}`);
            });
            await release.promise;
            running.set(key, running.get(key)! - 1);
            events.add(`${name} ends ${key}`);
          },
        });
      await member('first').start();
      // Two partitions, one of which is assigned to the member that joins.
      await log.send(
        [0, 1].flatMap((partition) =>
          ['1', '2'].map((value) => ({ topic, partition, key: `k${partition}`, value })),
        ),
      );
      await events.until('both keys', (seen) => seen.length === 2);
      await member('another').start();
      await events.until('the loss', (seen) => seen.some((event) => event.includes(' loses ')));
      // The new member has the record, or gets it soon, and must not start its handler.
      await delay(300);
      expect(events.seen.filter((event) => event.includes(' begins ')).toSorted()).toEqual([
        'first begins k0',
        'first begins k1',
      ]);
      release.resolve();
      // The first record of the lost key again, by its new member, and the second records of both keys.
      await events.until('every record', (seen) => seen.filter(isEnd).length >= 5);
      expect(events.seen.filter((event) => event.endsWith('runs twice'))).toEqual([]);
    });

    test('a partition that was paused when it was lost is consumed again when it is reassigned', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 2);
      const events = new Recorder<string>();
      const release = Promise.withResolvers<void>();
      const member = (name: string) =>
        bench.keyed({
          log,
          groupId: `group-${topic}`,
          topics: [topic],
          concurrency: 1,
          drainMs: 0,
          handle: async ({ value }, { signal }) => {
            await release.promise;
            if (!signal.aborted) events.add(`${name} handled ${String(value)}`);
          },
        });
      const values = Array.from({ length: 30 }, (_, number) => `${number}`);
      await log.send(values.map((value, i) => ({ topic, partition: i % 2, key: value, value })));
      const first = member('first');
      await first.start();
      await until(() => first.bufferedCount > 0);
      // Until it no longer waits for capacity, and has paused the partition.
      await delay(300);
      // One of the two is assigned to the member that joins, and comes back.
      const other = member('another');
      await other.start();
      await other.stop();
      release.resolve();
      await events.until('all records by the first member', (seen) =>
        values.every((value) => seen.includes(`first handled ${value}`)),
      );
      expect(first.bufferedCount).toBeLessThanOrEqual(2);
    });
  });
}

const numberedLoad = (log: EventLog, topic: string) =>
  new Load((round) => log.send(numbered(topic, keys, round, round + 1)), 2);

const isEnd = (event: string) => event.includes(' ends ');

const firstTimes = (numbers: number[]): number[] => [...new Set(numbers)];
