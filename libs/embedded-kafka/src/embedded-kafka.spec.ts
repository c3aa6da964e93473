import { FolderInUse } from '@casewire/folder-lock';
import {
  CompressionTypes,
  ConfigResourceTypes,
  type Consumer,
  type EachMessagePayload,
  type Kafka,
} from 'kafkajs';
import { describe, expect, onTestFinished, test } from 'vitest';

import {
  connectedAdmin,
  connectedProducer,
  kafkajsClient,
  restartableBroker,
  startedBroker,
} from '../test/started-broker.ts';
import { temporaryFolder } from '../test/temporary-folder.ts';

/** The messages that a consumer has received. */
class ReceivedMessages {
  readonly values: string[] = [];
  readonly partitions = new Set<number>();
  private waiting: { count: number; resolve: () => void } | undefined;

  add({ message, partition }: Pick<EachMessagePayload, 'message' | 'partition'>): void {
    this.values.push(String(message.value));
    this.partitions.add(partition);
    if (this.waiting && this.values.length >= this.waiting.count) this.waiting.resolve();
  }

  /** Resolves when so many messages are received. */
  async has(count: number): Promise<void> {
    if (this.values.length >= count) return;
    await new Promise<void>((resolve) => {
      this.waiting = { count, resolve };
    });
  }
}

/** Consumes a topic. kafkajs notices a rebalance and a disconnect only between two fetches, so the fetches have a short wait. */
async function consume(
  kafka: Kafka,
  groupId: string,
  topic: string,
  received: ReceivedMessages,
  maxWaitTimeInMs = 100,
) {
  const timing = { sessionTimeout: 10_000, heartbeatInterval: 100, maxWaitTimeInMs };
  const consumer = kafka.consumer({ groupId, ...timing });
  onTestFinished(() => consumer.disconnect());
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  const joined = nextJoin(consumer);
  await consumer.run({
    autoCommitThreshold: 1,
    eachMessage: async (payload) => received.add(payload),
  });
  return { consumer, joined };
}

/** Partitions of the next assignment. */
function nextJoin(consumer: Consumer): Promise<number[]> {
  return new Promise((resolve) => {
    const release = consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      release();
      resolve(ascending(Object.values(payload.memberAssignment).flat()));
    });
  });
}

const ascending = (numbers: number[]) => numbers.toSorted((a, b) => a - b);
const numbered = (count: number, from = 0) =>
  Array.from({ length: count }, (_, n) => ({ key: `key ${n}`, value: `value ${from + n}` }));
const values = (count: number) => numbered(count).map(({ value }) => value);

describe('with kafkajs', () => {
  test('produced records are consumed, compressed or not', async () => {
    const broker = await startedBroker(onTestFinished);
    const kafka = kafkajsClient(broker.brokers);
    const producer = await connectedProducer(onTestFinished, kafka);
    await producer.send({ topic: 'a', messages: numbered(50) });
    await producer.send({
      topic: 'a',
      messages: numbered(50, 50),
      compression: CompressionTypes.GZIP,
    });
    const received = new ReceivedMessages();
    await consume(kafka, 'g', 'a', received);
    await received.has(100);
    expect(received.values.toSorted()).toEqual(values(100).toSorted());
    expect(received.partitions.size).toBeGreaterThan(1);
  });

  test('a record is consumed directly after it is produced, before the wait of the fetch ends', async () => {
    const broker = await startedBroker(onTestFinished);
    const kafka = kafkajsClient(broker.brokers);
    const producer = await connectedProducer(onTestFinished, kafka);
    await producer.send({ topic: 'a', messages: numbered(1) });
    const received = new ReceivedMessages();
    await consume(kafka, 'g', 'a', received, 4000);
    await received.has(1);
    const began = performance.now();
    for (let n = 1; n < 20; n++) {
      await producer.send({ topic: 'a', messages: numbered(1, n) });
      await received.has(n + 1);
    }
    expect(performance.now() - began).toBeLessThan(3000);
  });

  test('two consumers of a group share the partitions, and one continues for the other', async () => {
    const broker = await startedBroker(onTestFinished);
    const kafka = kafkajsClient(broker.brokers);
    const producer = await connectedProducer(onTestFinished, kafka);
    await producer.send({ topic: 'a', messages: numbered(60) });
    const [first, second] = [new ReceivedMessages(), new ReceivedMessages()];
    const one = await consume(kafka, 'g', 'a', first);
    expect(await one.joined).toEqual([0, 1, 2, 3, 4, 5]);
    await first.has(60);
    const shrunk = nextJoin(one.consumer);
    const two = await consume(kafka, 'g', 'a', second);
    const shares = await Promise.all([shrunk, two.joined]);
    expect(shares.map((share) => share.length)).toEqual([3, 3]);
    expect(ascending(shares.flat())).toEqual([0, 1, 2, 3, 4, 5]);
    await producer.send({ topic: 'a', messages: numbered(60, 60) });
    while (first.values.length + second.values.length < 120)
      await Promise.race([
        first.has(first.values.length + 1),
        second.has(second.values.length + 1),
      ]);
    const grown = nextJoin(two.consumer);
    await one.consumer.disconnect();
    expect(await grown).toEqual([0, 1, 2, 3, 4, 5]);
    await producer.send({ topic: 'a', messages: numbered(60, 120) });
    while (new Set([...first.values, ...second.values]).size < 180)
      await second.has(second.values.length + 1);
    expect([...first.values, ...second.values].toSorted()).toEqual(values(180).toSorted());
  });

  test('records, committed offsets and topics survive a restart, and clients continue', async () => {
    const broker = await restartableBroker(onTestFinished);
    const kafka = kafkajsClient(broker.brokers, { retry: { initialRetryTime: 50, retries: 20 } });
    const producer = await connectedProducer(onTestFinished, kafka);
    await producer.send({ topic: 'a', messages: numbered(30) });
    const before = new ReceivedMessages();
    const { consumer } = await consume(kafka, 'g', 'a', before);
    await before.has(30);
    await consumer.disconnect();
    await broker.restart();
    await producer.send({ topic: 'a', messages: numbered(30, 30) });
    const after = new ReceivedMessages();
    await consume(kafka, 'g', 'a', after);
    await after.has(30);
    expect([...before.values, ...after.values].toSorted()).toEqual(values(60).toSorted());
  });

  test('a running consumer continues after a restart', async () => {
    const broker = await restartableBroker(onTestFinished);
    const kafka = kafkajsClient(broker.brokers, { retry: { initialRetryTime: 50, retries: 50 } });
    const producer = await connectedProducer(onTestFinished, kafka);
    await producer.send({ topic: 'a', messages: numbered(10) });
    const received = new ReceivedMessages();
    await consume(kafka, 'g', 'a', received);
    await received.has(10);
    await broker.restart();
    await producer.send({ topic: 'a', messages: numbered(10, 10) });
    while (new Set(received.values).size < 20) await received.has(received.values.length + 1);
    expect(new Set(received.values)).toEqual(new Set(values(20)));
  });

  test('a second broker on the same folder is refused until the first one has stopped', async () => {
    const directory = await temporaryFolder(onTestFinished);
    const broker = await startedBroker(onTestFinished, { directory });
    await expect(startedBroker(onTestFinished, { directory })).rejects.toThrow(FolderInUse);
    await broker.stop();
    await broker.stop();
    await startedBroker(onTestFinished, { directory });
  });

  test('a port in use is reported, and the folder is unlocked', async () => {
    const directory = await temporaryFolder(onTestFinished);
    const { port } = await startedBroker(onTestFinished);
    await expect(startedBroker(onTestFinished, { directory, port })).rejects.toThrow('EADDRINUSE');
    await startedBroker(onTestFinished, { directory });
  });
});

async function newAdmin(options = {}) {
  const broker = await startedBroker(onTestFinished, options);
  const kafka = kafkajsClient(broker.brokers, { retry: { initialRetryTime: 10, retries: 1 } });
  return { kafka, admin: await connectedAdmin(onTestFinished, kafka) };
}

describe('administration', () => {
  test('topics are created as requested, described and deleted', async () => {
    const { admin } = await newAdmin({ defaultPartitions: 4 });
    const configEntries = [{ name: 'cleanup.policy', value: 'compact' }];
    await admin.createTopics({ topics: [{ topic: 'a', numPartitions: 1, configEntries }] });
    await admin.createTopics({ topics: [{ topic: 'b' }] });
    expect((await admin.listTopics()).toSorted()).toEqual(['a', 'b']);
    const { topics } = await admin.fetchTopicMetadata({ topics: ['a', 'b'] });
    const sizes = topics.map(({ name, partitions }) => [name, partitions.length] as const);
    expect(Object.fromEntries(sizes)).toEqual({ a: 1, b: 4 });
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name: 'a', configNames: ['cleanup.policy'] }],
    });
    expect(resources[0]?.configEntries).toMatchObject([
      { configName: 'cleanup.policy', configValue: 'compact' },
    ]);
    await admin.deleteTopics({ topics: ['a'] });
    expect(await admin.listTopics()).toEqual(['b']);
  });

  test('requests that a single broker cannot fulfil are refused', async () => {
    const { admin } = await newAdmin();
    const refused = 'Topic creation errors';
    const create = (topic: object) =>
      admin.createTopics({ topics: [{ topic: 'a', numPartitions: 1, ...topic }] });
    await expect(create({ replicationFactor: 3 })).rejects.toThrow(refused);
    await expect(create({ numPartitions: 0 })).rejects.toThrow(refused);
    await expect(create({ configEntries: [{ name: 'x', value: '1' }] })).rejects.toThrow(refused);
    await expect(create({ topic: 'a b' })).rejects.toThrow(refused);
    expect(await create({})).toBe(true);
    expect(await create({})).toBe(false);
    await expect(
      admin.createPartitions({ topicPartitions: [{ topic: 'a', count: 5 }] }),
    ).rejects.toThrow('policy');
  });

  test('a metadata request creates a topic only if that is allowed', async () => {
    const { kafka, admin } = await newAdmin({ autoCreateTopics: false });
    const producer = await connectedProducer(onTestFinished, kafka);
    await expect(producer.send({ topic: 'a', messages: numbered(1) })).rejects.toThrow(
      'does not host',
    );
    expect(await admin.listTopics()).toEqual([]);
  });

  test('offsets are found by time, exact to the record', async () => {
    const { kafka, admin } = await newAdmin({ defaultPartitions: 1 });
    const producer = await connectedProducer(onTestFinished, kafka);
    for (let n = 0; n < 5; n++) {
      const messages = [0, 500].map((more) => ({
        value: `at ${n * 1000 + more}`,
        timestamp: String(1_700_000_000_000 + n * 1000 + more),
      }));
      await producer.send({ topic: 'a', messages });
    }
    expect(await admin.fetchTopicOffsets('a')).toMatchObject([{ offset: '10', low: '0' }]);
    const since = await admin.fetchTopicOffsetsByTimestamp('a', 1_700_000_002_400);
    expect(since).toEqual([{ partition: 0, offset: '5' }]);
  });

  test('groups are listed, described and deleted, but not while they have members', async () => {
    const { kafka, admin } = await newAdmin();
    const producer = await connectedProducer(onTestFinished, kafka);
    await producer.send({ topic: 'a', messages: numbered(5) });
    const received = new ReceivedMessages();
    const { consumer, joined } = await consume(kafka, 'g', 'a', received);
    await joined;
    await received.has(5);
    expect((await admin.listGroups()).groups).toEqual([{ groupId: 'g', protocolType: 'consumer' }]);
    expect((await admin.describeGroups(['g'])).groups[0]).toMatchObject({
      state: 'Stable',
      protocol: 'RoundRobinAssigner',
      members: [{ clientId: 'test' }],
    });
    await expect(admin.deleteGroups(['g'])).rejects.toThrow('Error in DeleteGroups');
    await consumer.disconnect();
    await admin.deleteGroups(['g']);
    expect((await admin.listGroups()).groups).toEqual([]);
  });

  test('transactions are refused at their start', async () => {
    const { kafka } = await newAdmin();
    const producer = kafka.producer({ transactionalId: 'x', maxInFlightRequests: 1 });
    onTestFinished(() => producer.disconnect());
    await producer.connect();
    await expect(producer.transaction()).rejects.toThrow('Failed to find group coordinator');
  });
});
