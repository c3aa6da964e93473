import { describe, expect, test } from 'vitest';

import type { BrokerUnderTest } from './test-broker.ts';
import { Workbench } from './workbench.ts';

export function describeAppending(broker: BrokerUnderTest): void {
  describe('appending', () => {
    const bench = new Workbench(broker);

    test('records of a key keep the order in which they were sent, over concurrent calls', async () => {
      const log = bench.log();
      const topic = await bench.topic(log);
      const reader = await bench.reader(log, topic);
      const numbers = Array.from({ length: 600 }, (_, number) => number);
      await Promise.all(
        numbers.map((number) => {
          const value = `${number}`.padEnd(number % 7 === 0 ? 30_000 : 10);
          return log.send([{ topic, key: `key-${number % 5}`, value }]);
        }),
      );
      await reader.count(600);
      for (const key of ['key-0', 'key-1', 'key-2', 'key-3', 'key-4']) {
        const read = reader.seen
          .filter((record) => record.key === key)
          .map(({ value }) => Number(value?.toString()));
        expect(read).toEqual(numbers.filter((number) => `key-${number % 5}` === key));
      }
    });

    test('acknowledged records are before the end offset', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 3);
      await log.send([{ topic, key: null, value: 'a', partition: 2 }]);
      await log.send([
        { topic, key: null, value: 'b', partition: 2 },
        { topic, key: null, value: 'c', partition: 0 },
      ]);
      const ends = await log.endOffsets(topic);
      expect([ends.get(0), ends.get(1), ends.get(2)]).toEqual([1n, 0n, 2n]);
    });

    test('key, value, headers and time of a record arrive as they were sent', async () => {
      const log = bench.log();
      const topic = await bench.topic(log);
      const reader = await bench.reader(log, topic);
      const sentAt = Date.now();
      await log.send([
        { topic, key: 'schlüssel', value: Buffer.from([0, 255, 7]), headers: { ce_type: 'größe' } },
        { topic, key: null, value: null },
      ]);
      await reader.count(2);
      const [keyed] = reader.seen.filter(({ key }) => key !== null);
      const [keyless] = reader.seen.filter(({ key }) => key === null);
      expect(keyed).toMatchObject({ topic, key: 'schlüssel', headers: { ce_type: 'größe' } });
      expect(keyed?.value).toEqual(Buffer.from([0, 255, 7]));
      expect(Math.abs((keyed?.timestamp.getTime() ?? 0) - sentAt)).toBeLessThan(60_000);
      expect(keyless).toMatchObject({ value: null, headers: {} });
    });

    test('keys get the same partition as with the Java client', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 100);
      // Hashes from Apache Kafka's own UtilsTest.testMurmur2.
      const murmur2 = { '21': -973_932_308, foobar: -790_332_482, abc: 479_470_107 };
      await log.send(Object.keys(murmur2).map((key) => ({ topic, key, value: key })));
      const ends = await log.endOffsets(topic);
      for (const hash of Object.values(murmur2)) {
        expect(ends.get((hash & 0x7fff_ffff) % 100)).toBe(1n);
      }
    });

    test('an oversized record is refused with its own error code, and records that are sent beside and after it are written', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 1);
      const oversized = { topic, key: 'k', value: Buffer.alloc(2_000_000) };
      const [refused, written] = await Promise.allSettled([
        log.send([oversized]),
        log.send([{ topic, key: 'k', value: 'beside' }]),
      ]);
      expect(refused).toMatchObject({ reason: { code: 'RECORD_TOO_LARGE', retriable: false } });
      expect(written.status).toBe('fulfilled');
      await log.send([{ topic, key: 'k', value: Buffer.alloc(1_048_000) }]);
      await log.send([{ topic, key: 'k', value: 'after' }]);
      expect(await log.endOffsets(topic)).toEqual(new Map([[0, 3n]]));
      expect(await log.startOffsets(topic)).toEqual(new Map([[0, 0n]]));
    });

    test('an existing topic is kept, and one with another partition count is an error', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 3);
      await log.ensureTopics([{ topic, partitions: 3 }]);
      await expect(log.ensureTopics([{ topic, partitions: 4 }])).rejects.toMatchObject({
        code: 'TOPIC_MISMATCH',
        topic,
      });
    });

    test('a closed log accepts no records, and has sent the ones that it accepted', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 1);
      const sent = log.send([{ topic, key: 'k', value: 'v' }]);
      await log.close();
      await sent;
      await expect(log.send([{ topic, key: 'k', value: 'v' }])).rejects.toMatchObject({
        code: 'EVENT_LOG_CLOSED',
      });
      expect(await bench.log().endOffsets(topic)).toEqual(new Map([[0, 1n]]));
    });
  });
}
