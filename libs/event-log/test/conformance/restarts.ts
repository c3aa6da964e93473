import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import { silentLogger } from '../../src/client/logger.ts';
import type { OutgoingRecord } from '../../src/client/record.ts';
import { KeyOrder, numbered } from './key-order.ts';
import { Load } from './load.ts';
import { Recorder } from './recorder.ts';
import { rejectionsReported, unhandledRejections } from './rejections.ts';
import type { BrokerUnderTest } from './test-broker.ts';
import { Workbench } from './workbench.ts';

const keys = 12;

export function describeRestarts(broker: BrokerUnderTest): void {
  describe('a broker that stops and restarts', () => {
    const bench = new Workbench(broker);
    const unhandled = unhandledRejections();

    test('no acknowledged record is lost, order per key is kept, and all members continue', async () => {
      const log = bench.log();
      const topic = await bench.topic(log);
      const references = await bench.topic(log, 1, true);
      const order = new KeyOrder();
      const batched = new Recorder<string>();
      const consumer = bench.keyed({
        log,
        topics: [topic],
        handle: (record) => order.during(record, () => delay(1)),
      });
      const batches = bench.batch({
        log,
        topics: [topic],
        handle: (records) => {
          for (const { key, value } of records) batched.add(`${key} ${String(value)}`);
          return Promise.resolve();
        },
      });
      const view = bench.view({ log, topic: references, parse: (value) => value });
      await Promise.all([consumer.start(), batches.start(), view.start()]);

      const load = new Load(
        (round) =>
          log.send([...numbered(topic, keys, round, round + 1), reference(references, round)]),
        0,
      );
      await order.handled.count(keys * 30);
      await broker().down();
      await broker().up();
      await order.handled.count(order.handled.seen.length + keys * 30);
      const acknowledged = await load.stop();

      await order.complete(keys, acknowledged);
      expect(order.faults).toEqual([]);
      // Records that were written but not acknowledged were retried, and not written twice.
      const ends = [...(await log.endOffsets(topic)).values()];
      expect(ends.reduce((sum, end) => sum + Number(end), 0)).toBe(keys * acknowledged);
      await batched.until('every record in a batch', (seen) => {
        return new Set(seen).size === keys * acknowledged;
      });
      await view.catchUp({ timeoutMs: 20_000 });
      expect(view.get('r')).toEqual({ revision: acknowledged - 1 });
      expect(unhandled).toEqual([]);
    }, 60_000);

    // kafkajs waits during short outages; the long one makes its consumers crash, and they have no group then.
    test('full consumers survive three outages under load, one of them so long that they are created again', async () => {
      const rejoins = new Recorder<string>();
      const log = bench.log({
        ...silentLogger,
        warn: ({ event, groupId }) => {
          if (event === 'consumer.rejoins') rejoins.add(String(groupId));
        },
      });
      const topic = await bench.topic(log);
      const order = new KeyOrder();
      const batched = new Recorder<string>();
      const consumer = bench.keyed({
        log,
        topics: [topic],
        groupId: `keyed-${topic}`,
        concurrency: 4,
        highWater: 6,
        handle: (record) => order.during(record, () => delay(1)),
      });
      const batches = bench.batch({
        log,
        topics: [topic],
        groupId: `batches-${topic}`,
        highWater: 12,
        handle: async (records) => {
          await delay(5);
          for (const { key, value } of records) batched.add(`${key} ${String(value)}`);
        },
      });
      await Promise.all([consumer.start(), batches.start()]);
      const load = new Load((round) => log.send(numbered(topic, keys, round, round + 1)), 20);
      for (const outage of ['short', 'long', 'short']) {
        await order.handled.count(order.handled.seen.length + keys * 20, 40_000);
        await broker().down();
        if (outage === 'long') {
          await rejoins.until(
            'both consumers created again',
            (seen) => new Set(seen).size === 2,
            40_000,
          );
        }
        await broker().up();
      }
      await order.handled.count(order.handled.seen.length + keys * 20, 40_000);
      const acknowledged = await load.stop();

      await order.complete(keys, acknowledged, 40_000);
      expect(order.faults).toEqual([]);
      await batched.until(
        'every record in a batch',
        (seen) => new Set(seen).size === keys * acknowledged,
        40_000,
      );
      expect(consumer.healthy && batches.healthy).toBe(true);
      await rejectionsReported();
      expect(unhandled).toEqual([]);
    }, 240_000);
  });
}

const reference = (topic: string, revision: number): OutgoingRecord => ({
  topic,
  key: 'r',
  value: JSON.stringify({ revision }),
});
