import { describe, expect, test } from 'vitest';

import { InfrastructureError, RecordUnreadable } from '../../src/client/errors.ts';
import type { IncomingRecord } from '../../src/client/record.ts';
import { Recorder } from './recorder.ts';
import type { BrokerUnderTest } from './test-broker.ts';
import { Workbench } from './workbench.ts';

const retry = { backoffMs: 5, maxBackoffMs: 20 };

class OutOfPaper extends Error {
  readonly code = 'OUT_OF_PAPER';
}

export function describePoison(broker: BrokerUnderTest): void {
  describe('records that cannot be handled', () => {
    const bench = new Workbench(broker);

    test('after five tries a record is dead-lettered unchanged, with the reason, and its key continues', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 1);
      const letters = await bench.deadLetters(log, topic);
      const tried = new Recorder<string>();
      const reported = new Recorder<string>();
      const consumer = bench.keyed({
        log,
        topics: [topic],
        retry,
        handle: (record) => {
          tried.add(String(record.value));
          return String(record.value) === 'bad'
            ? Promise.reject(new OutOfPaper('no paper'))
            : Promise.resolve();
        },
        onDeadLetter: ({ reasonCode, tries }) => {
          reported.add(`${reasonCode} after ${tries}`);
        },
      });
      await consumer.start();
      await log.send([
        { topic, key: 'k', value: 'good' },
        { topic, key: 'k', value: 'bad', headers: { ce_type: 'x' } },
        { topic, key: 'k', value: 'good' },
      ]);
      await tried.count(7);
      expect(tried.seen).toEqual(['good', 'bad', 'bad', 'bad', 'bad', 'bad', 'good']);
      await letters.count(1);
      expect(letters.seen[0]).toMatchObject({ key: 'k', value: Buffer.from('bad') });
      expect(letters.seen[0]?.headers).toMatchObject({
        ce_type: 'x',
        'dlq-reason-code': 'OUT_OF_PAPER',
        'dlq-reason': 'no paper',
        'dlq-topic': topic,
        'dlq-partition': '0',
        'dlq-offset': '1',
        'dlq-tries': '5',
      });
      expect(reported.seen).toEqual(['OUT_OF_PAPER after 5']);
    });

    test('while a record is retried, only its key waits', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 1);
      const handled = new Recorder<string>();
      let fail = true;
      const consumer = bench.keyed({
        log,
        topics: [topic],
        concurrency: 1,
        highWater: 10,
        retry: { tries: 10_000, backoffMs: 1, maxBackoffMs: 5 },
        handle: ({ key, value }) => {
          if (key === 'failing' && fail) return Promise.reject(new OutOfPaper('no paper'));
          handled.add(`${key} ${String(value)}`);
          return Promise.resolve();
        },
      });
      await consumer.start();
      await log.send([
        { topic, key: 'failing', value: '1' },
        { topic, key: 'failing', value: '2' },
        ...['1', '2', '3'].map((value) => ({ topic, key: 'other', value })),
      ]);
      await handled.count(3);
      expect(handled.seen).toEqual(['other 1', 'other 2', 'other 3']);
      fail = false;
      await handled.count(5);
      expect(handled.seen.slice(3)).toEqual(['failing 1', 'failing 2']);
    });

    test('a record that can never be processed is dead-lettered at the first try', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 1);
      const letters = await bench.deadLetters(log, topic);
      const consumer = bench.keyed({
        log,
        topics: [topic],
        handle: () => Promise.reject(new RecordUnreadable('gibberish')),
      });
      await consumer.start();
      await log.send([{ topic, key: null, value: 'x' }]);
      await letters.count(1);
      expect(letters.seen[0]?.headers).toMatchObject({
        'dlq-reason-code': 'RECORD_UNREADABLE',
        'dlq-tries': '1',
      });
    });

    test('a record that fails because a dependency is unavailable is never dead-lettered', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 1);
      const letters = await bench.deadLetters(log, topic);
      const tried = new Recorder<string>();
      const unavailable = [
        new InfrastructureError('database'),
        Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }),
        Object.assign(new Error('shutting down'), { code: '57P01' }),
        new OutOfPaper('the classifier knows'),
      ];
      const consumer = bench.keyed({
        log,
        topics: [topic],
        retry: {
          ...retry,
          tries: 2,
          classify: (error) => (error instanceof OutOfPaper ? 'wait' : undefined),
        },
        handle: () => {
          const error = unavailable[tried.seen.length % unavailable.length];
          tried.add('try');
          return tried.seen.length < 20 ? Promise.reject(error) : Promise.resolve();
        },
      });
      await consumer.start();
      await log.send([{ topic, key: 'k', value: 'x' }]);
      await tried.count(20);
      await log.send([{ topic, key: 'k', value: 'y' }]);
      await tried.count(21);
      expect(letters.seen).toEqual([]);
    });

    test('only the poison record of a batch is dead-lettered', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 1);
      const letters = await bench.deadLetters(log, topic);
      const values = Array.from({ length: 50 }, (_, number) =>
        number === 20 ? 'bad' : `${number}`,
      );
      await log.send(values.map((value) => ({ topic, key: 'k', value })));
      const handled = new Recorder<IncomingRecord>();
      const consumer = bench.batch({
        log,
        topics: [topic],
        retry,
        handle: (records) => {
          if (records.some(({ value }) => String(value) === 'bad')) {
            return Promise.reject(new OutOfPaper('no paper'));
          }
          for (const record of records) handled.add(record);
          return Promise.resolve();
        },
      });
      await consumer.start();
      await handled.count(49);
      expect(handled.seen.map(({ value }) => String(value))).toEqual(
        values.filter((value) => value !== 'bad'),
      );
      await letters.count(1);
      expect(letters.seen[0]?.headers).toMatchObject({ 'dlq-offset': '20', 'dlq-tries': '5' });
    });

    test('a batch that fails because a dependency is unavailable is retried as a whole', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 1);
      await log.send(['a', 'b', 'c'].map((value) => ({ topic, key: 'k', value })));
      const sizes = new Recorder<number>();
      const consumer = bench.batch({
        log,
        topics: [topic],
        retry,
        handle: (records) => {
          sizes.add(records.length);
          return sizes.seen.length < 8
            ? Promise.reject(new InfrastructureError('database'))
            : Promise.resolve();
        },
      });
      await consumer.start();
      await sizes.count(8);
      expect(new Set(sizes.seen)).toEqual(new Set([3]));
    });

    test('a record too large to carry its reason is dead-lettered without its value', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 1);
      const letters = await bench.deadLetters(log, topic);
      const consumer = bench.keyed({
        log,
        topics: [topic],
        handle: () => Promise.reject(new RecordUnreadable('gibberish')),
      });
      await consumer.start();
      await log.send([{ topic, key: 'k', value: Buffer.alloc(1_048_300) }]);
      await letters.count(1);
      expect(letters.seen[0]).toMatchObject({ key: 'k', value: null });
      expect(letters.seen[0]?.headers).toMatchObject({
        'dlq-value-omitted': '1048300',
        'dlq-topic': topic,
        'dlq-offset': '0',
      });
    });
  });
}
