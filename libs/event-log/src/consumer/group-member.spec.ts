import { mkdtemp } from 'node:fs/promises';
import { join } from 'node:path';

import { EmbeddedKafka } from '@casewire/embedded-kafka';
import { testFolder } from '@casewire/testing';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { Recorder } from '../../test/conformance/recorder.ts';
import { type EventLogLogger, silentLogger } from '../client/logger.ts';
import { EventLog } from '../event-log.ts';
import { GroupMember } from './group-member.ts';

const folder = testFolder('group-member');
let directory: string;
let broker: EmbeddedKafka;
const cleanups: (() => Promise<void>)[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(folder, 'broker-'));
  broker = new EmbeddedKafka({ directory, port: 0 });
  await broker.start();
});
afterEach(async () => {
  vi.restoreAllMocks();
  try {
    for (const cleanup of cleanups.splice(0)) await cleanup();
  } finally {
    await broker.stop();
  }
});

/** A member that records its events. Its first `failing` batches end in an error that kafkajs does not retry. */
function member(failing = 0, logger: EventLogLogger = silentLogger, maxWaitMs = 100) {
  const events = new Recorder<string>();
  let left = failing;
  const made = new GroupMember({
    access: { brokers: [broker.brokers], clientId: 'member' },
    logger,
    groupId: 'group',
    topics: ['topic'],
    sessionTimeoutMs: 2_000,
    heartbeatMs: 200,
    maxBytesPerPartition: 100_000,
    maxWaitMs,
    events: {
      rebalancing: () => {
        events.add('rebalancing');
      },
      assigned: (partitions) => {
        events.add(`assigned ${partitions.length}`);
      },
      lost: () => {
        events.add('lost');
      },
      fetched: () => undefined,
      batch: ({ topic, partition, messages, lastOffset, resolve }) => {
        events.add(`batch of ${messages.length}`);
        if (String(messages.at(-1)?.value) === 'pause') made.pause({ topic, partition });
        if (left > 0) {
          left -= 1;
          return Promise.reject(new TypeError('a fault in the consumer'));
        }
        resolve(lastOffset);
        return Promise.resolve();
      },
    },
  });
  cleanups.push(() => made.stop());
  return { made, events };
}

function log(): EventLog {
  const made = new EventLog({ brokers: [broker.brokers], clientId: 'test' });
  cleanups.push(() => made.close());
  return made;
}

test('a member joins again after a crash, and gets unresolved records again', async () => {
  const own = log();
  await own.ensureTopics([{ topic: 'topic', partitions: 1 }]);
  await own.send([{ topic: 'topic', key: 'k', value: 'v' }]);
  const { made, events } = member(2);
  await made.start();
  await events.until('the batch a third time', (seen) => seen.filter(isBatch).length === 3);
  const life = ['assigned 1', 'batch of 1', 'lost'];
  expect([...events.seen, 'lost']).toEqual([...life, ...life, ...life]);
});

test('a member that starts before its broker joins when the broker has started', async () => {
  await log().ensureTopics([{ topic: 'topic', partitions: 2 }]);
  const { port } = broker;
  await broker.stop();
  const { made, events } = member();
  const started = made.start();
  expect(made.silenceMs).toBe(Infinity);
  broker = new EmbeddedKafka({ directory, port });
  await broker.start();
  await started;
  expect(events.seen.at(-1)).toBe('assigned 2');
  expect(made.silenceMs).toBeLessThan(5_000);
});

test('when a member is stopped before it joined, its start is rejected', async () => {
  await broker.stop();
  const { made } = member();
  const [started] = await Promise.allSettled([made.start(), made.stop()]);
  expect(started).toMatchObject({ reason: { code: 'EVENT_LOG_CLOSED' } });
  await broker.start();
});

test('between the stop of a crashed kafkajs consumer and the next join, pause, resume and seek change nothing', async () => {
  const own = log();
  await own.ensureTopics([{ topic: 'topic', partitions: 1 }]);
  await own.send([{ topic: 'topic', key: 'k', value: 'v' }]);
  const calls = new Recorder<unknown>();
  const partition = { topic: 'topic', partition: 0 };
  const call = () => {
    try {
      made.pause(partition);
      made.resume(partition);
      made.seek(partition, 0n);
      calls.add('returned');
    } catch (error) {
      calls.add(error);
    }
  };
  // kafkajs logs this when it has discarded the group of the consumer, and reports the crash afterwards.
  const { made, events } = member(1, {
    ...silentLogger,
    debug: (_, message) => {
      if (message === 'Stopped') call();
    },
  });
  await made.start();
  await events.until('the batch a second time', (seen) => seen.filter(isBatch).length === 2);
  await made.stop();
  call();
  expect(calls.seen.length).toBeGreaterThanOrEqual(3);
  expect(calls.seen.filter((result) => result !== 'returned')).toEqual([]);
});

test('pause, resume and seek change nothing while a new kafkajs consumer connects to its broker', async () => {
  await log().ensureTopics([{ topic: 'topic', partitions: 1 }]);
  const { port } = broker;
  await broker.stop();
  const connecting = Promise.withResolvers<void>();
  const { made } = member(0, {
    ...silentLogger,
    warn: ({ part }) => {
      if (part === 'Connection') connecting.resolve();
    },
  });
  const started = made.start();
  await connecting.promise;
  made.pause({ topic: 'topic', partition: 0 });
  made.resume({ topic: 'topic', partition: 0 });
  made.seek({ topic: 'topic', partition: 0 }, 5n);
  broker = new EmbeddedKafka({ directory, port });
  await broker.start();
  await started;
  expect(made.silenceMs).toBeLessThan(5_000);
});

test('a member whose wall clock moves back by an hour stays in its group, and shares it with another member', async () => {
  await log().ensureTopics([{ topic: 'topic', partitions: 2 }]);
  const { made, events } = member();
  await made.start();
  const now = Date.now.bind(Date);
  vi.spyOn(Date, 'now').mockImplementation(() => now() - 3_600_000);
  const other = member();
  await other.made.start();
  await events.until('its half of the partitions', (seen) => seen.at(-1) === 'assigned 1');
  expect(made.silenceMs).toBeLessThan(2_000);
});

test('the start of a member with invalid options is rejected', async () => {
  const made = new GroupMember({
    access: { brokers: [broker.brokers], clientId: 'member' },
    logger: silentLogger,
    groupId: '',
    topics: ['topic'],
    sessionTimeoutMs: 2_000,
    heartbeatMs: 200,
    maxBytesPerPartition: 100_000,
    maxWaitMs: 100,
    events: {
      rebalancing: () => undefined,
      assigned: () => undefined,
      lost: () => undefined,
      fetched: () => undefined,
      batch: () => Promise.resolve(),
    },
  });
  await expect(made.start()).rejects.toThrow('groupId must be a non-empty string');
  await made.stop();
});

test('a member whose fetch waits for records stops at once', async () => {
  await log().ensureTopics([{ topic: 'topic', partitions: 2 }]);
  const { made, events } = member(0, silentLogger, 60_000);
  await made.start();
  const begun = performance.now();
  await made.stop();
  expect(performance.now() - begun).toBeLessThan(10_000);
  expect(events.seen.at(-1)).toBe('lost');
});

test('a resumed partition is fetched at once, however long a fetch waits for the other partitions', async () => {
  const own = log();
  await own.ensureTopics([{ topic: 'topic', partitions: 2 }]);
  const send = (value: string) => own.send([{ topic: 'topic', partition: 0, key: null, value }]);
  await send('pause');
  const { made, events } = member(0, silentLogger, 60_000);
  await made.start();
  await events.until('the first batch', (seen) => seen.some(isBatch));
  await send('while it is paused');
  const begun = performance.now();
  made.resume({ topic: 'topic', partition: 0 });
  await events.until('the next batch', (seen) => seen.filter(isBatch).length === 2);
  expect(performance.now() - begun).toBeLessThan(10_000);
});

const isBatch = (event: string) => event.startsWith('batch');
