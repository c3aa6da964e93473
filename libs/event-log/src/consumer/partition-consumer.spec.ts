import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';

import { EmbeddedKafka } from '@casewire/embedded-kafka';
import { testFolder } from '@casewire/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

import { Recorder } from '../../test/conformance/recorder.ts';
import { rejectionsReported, unhandledRejections } from '../../test/conformance/rejections.ts';
import { type EventLogLogger, silentLogger } from '../client/logger.ts';
import type { IncomingRecord } from '../client/record.ts';
import { EventLog } from '../event-log.ts';
import type { AssignedPartition, BufferedRecord } from './assigned-partition.ts';
import { BatchConsumer } from './batch-consumer.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { KeyedConsumer } from './keyed-consumer.ts';
import { PartitionConsumer } from './partition-consumer.ts';
import type { RetryPolicy } from './retry-policy.ts';

const unhandled = unhandledRejections();
const session = { timeoutMs: 2_000, heartbeatMs: 200 };
const folder = testFolder('partition-consumer');
let directory: string;
let broker: EmbeddedKafka;
const cleanups: (() => Promise<void>)[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(folder, 'broker-'));
  broker = new EmbeddedKafka({ directory, port: 0 });
  await broker.start();
});
afterEach(async () => {
  try {
    for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
  } finally {
    await broker.stop();
  }
});

async function topicWith(values: readonly string[], logger: EventLogLogger): Promise<EventLog> {
  const log = new EventLog({ brokers: [broker.brokers], clientId: 'test', logger });
  cleanups.push(() => log.close());
  await log.ensureTopics([
    { topic: 'topic', partitions: 1 },
    { topic: 'topic.dlq', partitions: 1 },
  ]);
  await log.send(values.map((value) => ({ topic: 'topic', key: `key ${value}`, value })));
  return log;
}

const valueOf = ({ value }: IncomingRecord): string => String(value);

test('a record can be finished after kafkajs stopped its crashed consumer and before there is a new one', async () => {
  const accepted: { partition: AssignedPartition; buffered: BufferedRecord }[] = [];
  const finishing = Promise.withResolvers<void>();
  const full = Promise.withResolvers<void>();
  const rejoined = Promise.withResolvers<void>();
  const log = await topicWith(
    Array.from({ length: 40 }, (_, index) => String(index)),
    {
      ...silentLogger,
      debug: (_, message) => {
        if (message.startsWith('Pausing')) full.resolve();
        // In this turn kafkajs has discarded the group of the crashed consumer, and has not reported the crash yet.
        if (message === 'Stopped') finishAll();
      },
    },
  );
  const partitionConsumer = new PartitionConsumer({
    log,
    groupId: 'group',
    topics: ['topic'],
    session,
    concurrency: 4,
    highWater: 4,
    accept: (partition, buffered) => {
      accepted.push({ partition, buffered });
      if (accepted.length > 4) rejoined.resolve();
    },
  });
  cleanups.push(() => partitionConsumer.stop());
  const finishAll = () => {
    try {
      for (const { partition, buffered } of accepted) partitionConsumer.finish(partition, buffered);
      finishing.resolve();
    } catch (error) {
      finishing.reject(error);
    }
  };
  await partitionConsumer.start();
  await full.promise;
  const { port } = broker;
  await broker.stop();
  await finishing.promise;
  expect(partitionConsumer.bufferedCount).toBe(0);
  broker = new EmbeddedKafka({ directory, port });
  await broker.start();
  await rejoined.promise;
  // Records that were finished while there was no group could not be committed.
  expect(accepted[4]?.buffered.record.offset).toBe(0n);
}, 60_000);

/** Throws at the first failed record: a fault of the process itself, outside of any handler. */
function faultyLogger(): EventLogLogger {
  let left = 1;
  return {
    ...silentLogger,
    warn: ({ event }) => {
      if (event !== 'record.failed' || left === 0) return;
      left -= 1;
      throw new TypeError('a fault in the logger');
    },
  };
}

interface Handling {
  retry?: RetryPolicy;
  onDeadLetter?: ConsumerOptions['onDeadLetter'];
  handle: (record: IncomingRecord) => Promise<void>;
}
const consumers = {
  'a keyed consumer': (log: EventLog, { handle, ...rest }: Handling) =>
    new KeyedConsumer({
      log,
      groupId: 'group',
      topics: ['topic'],
      session,
      concurrency: 2,
      highWater: 4,
      handle,
      ...rest,
    }),
  'a batch consumer': (log: EventLog, { handle, ...rest }: Handling) =>
    new BatchConsumer({
      log,
      groupId: 'group',
      topics: ['topic'],
      session,
      highWater: 4,
      handle: async (records) => {
        for (const record of records) await handle(record);
      },
      ...rest,
    }),
};

describe.each(Object.entries(consumers))('%s', (_name, create) => {
  test('that fails because of its own fault joins its group again, and its records are handled again', async () => {
    const values = Array.from({ length: 12 }, (_, index) => String(index));
    const log = await topicWith(values, faultyLogger());
    const handled = new Recorder<string>();
    let failures = 1;
    const consumer = create(log, {
      handle: (record) => {
        if (valueOf(record) === '1' && failures > 0) {
          failures -= 1;
          return Promise.reject(new Error('not now'));
        }
        handled.add(valueOf(record));
        return Promise.resolve();
      },
    });
    cleanups.push(() => consumer.stop());
    await consumer.start();
    await handled.until('every record', (seen) => new Set(seen).size === values.length);
    await consumer.stop();
    expect(consumer.bufferedCount).toBe(0);
    await rejectionsReported();
    expect(unhandled).toEqual([]);
  });

  test('whose classify function throws retries, and dead-letters the record in the end', async () => {
    const log = await topicWith(['1', '2'], silentLogger);
    const handled = Promise.withResolvers<void>();
    const givenUp = Promise.withResolvers<unknown>();
    const consumer = create(log, {
      retry: {
        tries: 2,
        backoffMs: 1,
        classify: () => {
          throw new TypeError('a fault in the rule');
        },
      },
      onDeadLetter: ({ error }) => {
        givenUp.resolve(error);
        return Promise.resolve();
      },
      handle: (record) => {
        if (valueOf(record) === '1') return Promise.reject(new Error('never'));
        handled.resolve();
        return Promise.resolve();
      },
    });
    cleanups.push(() => consumer.stop());
    await consumer.start();
    await handled.promise;
    expect(await givenUp.promise).toMatchObject({ message: 'a fault in the rule' });
    expect((await log.endOffsets('topic.dlq')).get(0)).toBe(1n);
    expect(unhandled).toEqual([]);
  });
});
