import { setTimeout as delay } from 'node:timers/promises';

import { describe, expect, test } from 'vitest';

import type { OutgoingRecord } from '../record.ts';
import { KeyOrder, numbered } from './key-order.ts';
import { Load } from './load.ts';
import { Recorder } from './recorder.ts';
import type { BrokerUnderTest } from './test-broker.ts';
import { Workbench } from './workbench.ts';

const keys = 12;

export function describeRestarts(broker: BrokerUnderTest): void {
  describe('a broker that goes away and comes back', () => {
    const bench = new Workbench(broker);

    test('nothing that was acknowledged is lost, order per key is kept, and everybody goes on', async () => {
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
      await broker().restart();
      await order.handled.count(order.handled.seen.length + keys * 30);
      const acknowledged = await load.stop();

      await order.complete(keys, acknowledged);
      expect(order.faults).toEqual([]);
      // Sending again what was written, but not acknowledged, wrote it no second time.
      const ends = [...(await log.endOffsets(topic)).values()];
      expect(ends.reduce((sum, end) => sum + Number(end), 0)).toBe(keys * acknowledged);
      await batched.until('every record in a batch', (seen) => {
        return new Set(seen).size === keys * acknowledged;
      });
      await view.catchUp({ timeoutMs: 20_000 });
      expect(view.get('r')).toEqual({ revision: acknowledged - 1 });
    }, 60_000);
  });
}

const reference = (topic: string, revision: number): OutgoingRecord => ({
  topic,
  key: 'r',
  value: JSON.stringify({ revision }),
});
