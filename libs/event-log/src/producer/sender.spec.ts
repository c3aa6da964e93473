import { mkdtemp, rm } from 'node:fs/promises';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EmbeddedKafka } from '@casewire/embedded-kafka';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';

import { Recorder } from '../../test/conformance/recorder.ts';
import { silentLogger } from '../client/logger.ts';
import type { EncodedRecord } from '../client/record-encoding.ts';
import type { IncomingRecord } from '../client/record.ts';
import { BatchConsumer } from '../consumer/batch-consumer.ts';
import { EventLog } from '../event-log.ts';
import { Sender } from './sender.ts';

// The broker accepts less than the sender puts into a request.
const maxBatchBytes = 4_096;

let directory: string;
let broker: EmbeddedKafka;
const cleanups: (() => Promise<void>)[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'casewire-sender-'));
  broker = new EmbeddedKafka({ directory, port: 0, maxBatchBytes });
  await broker.start();
});
afterEach(async () => {
  for (const cleanup of cleanups.splice(0)) await cleanup();
});
afterAll(async () => {
  await broker.stop();
  await rm(directory, { recursive: true });
});

const access = () => ({ brokers: [broker.brokers], clientId: 'sender' });

function sender(retry?: { retries: number; initialRetryTime: number }): Sender {
  const made = new Sender(access(), silentLogger, retry);
  cleanups.push(() => made.close());
  return made;
}

const record = (topic: string, partition: number, value: string): EncodedRecord => ({
  topic,
  partition,
  key: 'k',
  value,
  headers: {},
});

async function read(topic: string, count: number): Promise<IncomingRecord[]> {
  const log = new EventLog(access());
  const records = new Recorder<IncomingRecord>();
  const consumer = new BatchConsumer({
    log,
    groupId: `read-${topic}`,
    topics: [topic],
    handle: (batch) => {
      for (const one of batch) records.add(one);
      return Promise.resolve();
    },
  });
  await consumer.start();
  await records.count(count);
  const ends = await log.endOffsets(topic);
  expect([...ends.values()].reduce((sum, end) => sum + Number(end), 0)).toBe(count);
  await consumer.stop();
  await log.close();
  return records.seen;
}

const valuesOf = (records: IncomingRecord[], partition: number) =>
  records.filter((of) => of.partition === partition).map(({ value }) => Number(String(value)));

test('a batch that is too large for the broker is split until it fits, and keeps its order', async () => {
  const own = sender();
  const numbers = Array.from({ length: 60 }, (_, number) => number);
  await Promise.all(numbers.map((number) => own.send([record('cut', 0, `${number}`.padEnd(400))])));
  expect(valuesOf(await read('cut', 60), 0)).toEqual(numbers);
});

test('of several records only the one too large for the broker is refused; the others are written once, in order', async () => {
  const own = sender();
  const sent = [];
  for (let number = 0; number < 40; number += 1) {
    const length = number === 20 ? 5_000 : 300;
    sent.push(own.send([record('mixed', number % 3, `${number}`.padEnd(length))]));
  }
  const results = await Promise.allSettled(sent);
  const refused = results.flatMap((result, number) =>
    result.status === 'rejected' ? [[number, result.reason]] : [],
  );
  expect(refused).toMatchObject([[20, { code: 'RECORD_TOO_LARGE', topic: 'mixed' }]]);
  const written = await read('mixed', 39);
  for (const partition of [0, 1, 2]) {
    const values = valuesOf(written, partition);
    expect(values).toEqual(values.toSorted((a, b) => a - b));
  }
});

test('records after the failed record of a call are not written', async () => {
  const own = sender();
  const call = [
    record('gap', 0, '0'),
    ...[1, 2, 3].map((number) => record('gap', 0, `${number}`.padEnd(5_000))),
    ...Array.from({ length: 1_500 }, (_, number) => record('gap', 0, `${number + 4}`)),
  ];
  await expect(own.send(call)).rejects.toMatchObject({ code: 'RECORD_TOO_LARGE' });
  await own.send([record('gap', 0, '9999')]);
  expect(valuesOf(await read('gap', 2), 0)).toEqual([0, 9_999]);
});

test('records whose acknowledgement was lost are written once', async () => {
  const connect = net.connect.bind(net);
  const unanswered = Promise.withResolvers<net.Socket>();
  vi.spyOn(net, 'connect').mockImplementation(((options: net.NetConnectOpts, done: () => void) => {
    const socket = connect(options, done);
    const write = socket.write.bind(socket);
    socket.write = (request: Buffer, ...rest: []) => {
      // The only request of this size is the one with the records.
      if (request.length > 2_000) {
        socket.removeAllListeners('data');
        unanswered.resolve(socket);
      }
      return write(request, ...rest);
    };
    return socket;
  }) as typeof net.connect);
  const own = sender();
  const log = new EventLog(access());
  await log.ensureTopics([{ topic: 'once', partitions: 1 }]);
  const sent = own.send([1, 2, 3].map((number) => record('once', 0, `${number}`.padEnd(900))));
  const socket = await unanswered.promise;
  vi.restoreAllMocks();
  await vi.waitUntil(async () => (await log.endOffsets('once')).get(0) === 3n);
  socket.destroy(new Error('connection reset'));
  await sent;
  await own.send([record('once', 0, '4')]);
  await log.close();
  expect(valuesOf(await read('once', 4), 0)).toEqual([1, 2, 3, 4]);
});

test('an unavailable broker is reported, and records that are sent after its return are written', async () => {
  const own = sender({ retries: 2, initialRetryTime: 20 });
  await own.send([record('unavailable', 0, '0')]);
  await broker.stop();
  const results = await Promise.allSettled([
    own.send([record('unavailable', 0, '1')]),
    own.send([record('unavailable', 0, '2')]),
  ]);
  expect(results).toMatchObject([
    { reason: { code: 'EVENT_LOG_UNAVAILABLE', retriable: true } },
    { reason: { code: 'EVENT_LOG_UNAVAILABLE', retriable: true } },
  ]);
  broker = new EmbeddedKafka({ directory, port: broker.port, maxBatchBytes });
  await broker.start();
  await own.send([record('unavailable', 0, '3')]);
  expect(valuesOf(await read('unavailable', 2), 0)).toEqual([0, 3]);
});
