import { expect, onTestFinished, test } from 'vitest';

import { BrokerProcess } from '../test/broker-process.ts';
import {
  fetchBody,
  produceBody,
  RawClient,
  readFetched,
  readProduced,
} from '../test/raw-client.ts';
import { batchOf, valuesIn } from '../test/record-batches.ts';
import { connectedProducer, kafkajsClient } from '../test/started-broker.ts';
import { temporaryFolder } from '../test/temporary-folder.ts';
import { fetch } from './protocol/fetch.ts';
import { metadata } from './protocol/metadata.ts';
import { produce } from './protocol/produce.ts';

const PARTITIONS = [0, 1, 2];
const IN_FLIGHT = 20;
const RECORDS_PER_BATCH = 5;

/** All values that were acknowledged or returned, by partition and offset. */
class Ledger {
  private readonly known = new Map<string, string>();
  readonly conflicts: string[] = [];
  private awaited: { size: number; resolve: () => void } | undefined;

  note(partition: number, offset: number, value: string): void {
    const key = `${partition}/${offset}`;
    const before = this.known.get(key);
    if (before !== undefined && before !== value)
      this.conflicts.push(`${key}: ${before}, then ${value}`);
    this.known.set(key, value);
    if (this.awaited && this.size >= this.awaited.size) this.awaited.resolve();
  }

  /** Resolves when so many offsets are known. */
  async reaches(size: number): Promise<void> {
    if (this.size >= size) return;
    await new Promise<void>((resolve) => {
      this.awaited = { size, resolve };
    });
  }

  get size(): number {
    return this.known.size;
  }

  /** Offsets that are not in `present`. */
  missingFrom(present: Ledger): string[] {
    return [...this.known.keys()].filter((key) => !present.known.has(key));
  }
}

/** Produces without pause until the connection ends; records the acknowledged values. */
async function produceUntilCut(port: number, partition: number, name: string, acked: Ledger) {
  const client = await RawClient.connect(port);
  onTestFinished(() => client.close());
  const sent = new Map<number, string[]>();
  const sendNext = (n: number) => {
    const values = Array.from({ length: RECORDS_PER_BATCH }, (_, at) => `${name} ${n}.${at}`);
    sent.set(n, values);
    client.send(produce, 3, n, produceBody('t', partition, batchOf(values)));
  };
  for (let n = 0; n < IN_FLIGHT; n++) sendNext(n);
  for (let n = IN_FLIGHT; ; n++) {
    const response = await client.next().catch(() => undefined);
    if (!response) return;
    const { error, baseOffset } = readProduced(response);
    expect(error).toBe(0);
    for (const [at, value] of sent.get(response.correlationId)!.entries())
      acked.note(partition, baseOffset + at, value);
    sendNext(n);
  }
}

/** Reads a partition to its end, or until the connection ends; records the returned values. */
async function consume(port: number, partition: number, served: Ledger, follow: boolean) {
  const client = await RawClient.connect(port);
  onTestFinished(() => client.close());
  for (let next = 0; ;) {
    client.send(fetch, 4, 1, fetchBody('t', partition, next, follow ? 1000 : 0));
    const response = await client.next().catch(() => undefined);
    if (!response) return;
    const { error, highWatermark, records } = readFetched(response);
    expect(error).toBe(0);
    for (const [offset, value] of valuesIn(records)) {
      served.note(partition, offset, value);
      next = Math.max(next, offset + 1);
    }
    if (!follow && next >= highWatermark) return client.close();
  }
}

async function createTopic(port: number): Promise<void> {
  const client = await RawClient.connect(port);
  client.send(metadata, 4, 0, (body) => body.array(['t'], (t) => body.string(t)).boolean(true));
  await client.next();
  client.close();
}

test('a broker that is killed under load repeatedly loses no acknowledged record and uses no offset twice', async () => {
  const directory = await temporaryFolder(onTestFinished);
  const acked = new Ledger();
  const served = new Ledger();
  let port = 0;
  for (let round = 0; round < 4; round++) {
    const broker = await BrokerProcess.start(directory, port);
    onTestFinished(() => broker.kill());
    ({ port } = broker);
    await createTopic(port);
    const before = acked.size;
    const work = PARTITIONS.flatMap((partition) => [
      produceUntilCut(port, partition, `round ${round} partition ${partition}`, acked),
      consume(port, partition, served, true),
    ]);
    await acked.reaches(before + 2000 + round * 777);
    await broker.kill();
    await Promise.all(work);
  }
  const broker = await BrokerProcess.start(directory, port);
  onTestFinished(() => broker.kill());
  const present = new Ledger();
  for (const partition of PARTITIONS) {
    await consume(port, partition, acked, false);
    await consume(port, partition, served, false);
    await consume(port, partition, present, false);
  }
  expect(acked.conflicts).toEqual([]);
  expect(served.conflicts).toEqual([]);
  expect(acked.missingFrom(present)).toEqual([]);
  expect(served.missingFrom(present)).toEqual([]);
  expect(await broker.terminate()).toBe(0);
}, 30_000);

test('the messages of an idempotent producer are stored once and in order despite crashes of the broker', async () => {
  const directory = await temporaryFolder(onTestFinished);
  let broker = await BrokerProcess.start(directory);
  onTestFinished(() => broker.kill());
  const { port } = broker;
  await createTopic(port);
  const kafka = kafkajsClient(`127.0.0.1:${port}`, {
    retry: { initialRetryTime: 50, maxRetryTime: 200, retries: 100 },
  });
  const producer = await connectedProducer(onTestFinished, kafka);
  const count = 400;
  const sendAll = async () => {
    for (let n = 0; n < count; n++)
      await producer.send({ topic: 't', messages: [{ value: `message ${n}`, partition: 0 }] });
  };
  const sending = sendAll();
  const probe = new Ledger();
  for (const size of [50, 200]) {
    while (probe.size < size) await consume(port, 0, probe, false);
    await broker.kill();
    broker = await BrokerProcess.start(directory, port);
  }
  await sending;
  const values: string[] = [];
  const client = await RawClient.connect(port);
  while (values.length < count) {
    client.send(fetch, 4, 1, fetchBody('t', 0, values.length));
    const { records } = readFetched(await client.next());
    values.push(...valuesIn(records).map(([, value]) => value));
  }
  client.close();
  expect(values).toEqual(Array.from({ length: count }, (_, n) => `message ${n}`));
}, 30_000);
