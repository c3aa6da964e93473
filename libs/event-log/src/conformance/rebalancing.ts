import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import type { EventLog } from '../event-log.ts';
import type { IncomingRecord } from '../record.ts';
import { KeyOrder, numbered } from './key-order.ts';
import { Load } from './load.ts';
import { startMember } from './member-process.ts';
import { Recorder } from './recorder.ts';
import type { BrokerUnderTest } from './test-broker.ts';
import { Workbench } from './workbench.ts';

const keys = 24;

export function describeRebalancing(broker: BrokerUnderTest): void {
  describe('members that come and go', () => {
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
    });

    test('what a killed process had not committed is handled by another, and order per key is kept', async () => {
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
        // Repeats aside, each of them went through the key's records in order.
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
      await handled.until('the stuck one', (seen) => seen.includes('stuck'));
      expect(handled.seen).toContain('stuck');
    });

    test('a handler is told that its partition is gone, and its key waits for its end', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 2);
      const groupId = `group-${topic}`;
      const events = new Recorder<string>();
      const release = Promise.withResolvers<void>();
      let running = 0;
      let most = 0;
      const member = (name: string) =>
        bench.keyed({
          log,
          groupId,
          topics: [topic],
          handle: async ({ key }, { signal }) => {
            running += 1;
            most = Math.max(most, running);
            events.add(`${name} begins ${key}`);
            signal.addEventListener('abort', () => {
              events.add(`${name} is told`);
            });
            await release.promise;
            running -= 1;
            events.add(`${name} ends ${key}`);
          },
        });
      await member('first').start();
      await log.send([
        { topic, partition: 0, key: 'k', value: '1' },
        { topic, partition: 0, key: 'k', value: '2' },
      ]);
      await events.count(1);
      // Whoever gets partition 0 next: the assignment goes by member ids, which the broker chooses.
      const others: string[] = [];
      while (!events.seen.includes('first is told')) {
        const name = `member ${others.length + 2}`;
        others.push(name);
        await member(name).start();
        await events
          .until('a revocation', (seen) => seen.includes('first is told'), 1_500)
          .catch(() => undefined);
      }
      // The new owner has the record in its hands, or will have it in a moment, and must not begin with it.
      await delay(300);
      expect(events.seen).toEqual(['first begins k', 'first is told']);
      release.resolve();
      await events.until('the second record', (seen) => seen.filter(isEnd).length >= 3);
      expect(most).toBe(1);
    });
  });
}

const numberedLoad = (log: EventLog, topic: string) =>
  new Load((round) => log.send(numbered(topic, keys, round, round + 1)), 2);

const isEnd = (event: string) => event.includes(' ends ');

const firstTimes = (numbers: number[]): number[] => [...new Set(numbers)];
