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

/** What a consumer has got, and when it has got enough. */
class Inbox {
  readonly values: string[] = [];
  readonly partitions = new Set<number>();
  private waiting: { count: number; resolve: () => void } | undefined;

  take({ message, partition }: Pick<EachMessagePayload, 'message' | 'partition'>): void {
    this.values.push(String(message.value));
    this.partitions.add(partition);
    if (this.waiting && this.values.length >= this.waiting.count) this.waiting.resolve();
  }

  async has(count: number): Promise<void> {
    if (this.values.length >= count) return;
    await new Promise<void>((resolve) => {
      this.waiting = { count, resolve };
    });
  }
}

/** Consumes into the inbox. kafkajs notices a rebalance and a disconnect only between two fetches: so they wait briefly. */
async function consume(
  kafka: Kafka,
  groupId: string,
  topic: string,
  inbox: Inbox,
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
    eachMessage: async (payload) => inbox.take(payload),
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
  test('what is produced is consumed, compressed or not', async () => {
    const broker = await startedBroker(onTestFinished);
    const kafka = kafkajsClient(broker.brokers);
    const producer = await connectedProducer(onTestFinished, kafka);
    await producer.send({ topic: 'a', messages: numbered(50) });
    await producer.send({
      topic: 'a',
      messages: numbered(50, 50),
      compression: CompressionTypes.GZIP,
    });
    const inbox = new Inbox();
    await consume(kafka, 'g', 'a', inbox);
    await inbox.has(100);
    expect(inbox.values.toSorted()).toEqual(values(100).toSorted());
    expect(inbox.partitions.size).toBeGreaterThan(1);
  });

  test('a record is consumed soon after it is produced, not after the wait of the fetch', async () => {
    const broker = await startedBroker(onTestFinished);
    const kafka = kafkajsClient(broker.brokers);
    const producer = await connectedProducer(onTestFinished, kafka);
    await producer.send({ topic: 'a', messages: numbered(1) });
    const inbox = new Inbox();
    await consume(kafka, 'g', 'a', inbox, 4000);
    await inbox.has(1);
    const began = performance.now();
    for (let n = 1; n < 20; n++) {
      await producer.send({ topic: 'a', messages: numbered(1, n) });
      await inbox.has(n + 1);
    }
    expect(performance.now() - began).toBeLessThan(3000);
  });

  test('two consumers of a group share the partitions, and one takes over from the other', async () => {
    const broker = await startedBroker(onTestFinished);
    const kafka = kafkajsClient(broker.brokers);
    const producer = await connectedProducer(onTestFinished, kafka);
    await producer.send({ topic: 'a', messages: numbered(60) });
    const [first, second] = [new Inbox(), new Inbox()];
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

  test('records, committed offsets and topics survive a restart, and clients go on', async () => {
    const broker = await restartableBroker(onTestFinished);
    const kafka = kafkajsClient(broker.brokers, { retry: { initialRetryTime: 50, retries: 20 } });
    const producer = await connectedProducer(onTestFinished, kafka);
    await producer.send({ topic: 'a', messages: numbered(30) });
    const before = new Inbox();
    const { consumer } = await consume(kafka, 'g', 'a', before);
    await before.has(30);
    await consumer.disconnect();
    await broker.restart();
    await producer.send({ topic: 'a', messages: numbered(30, 30) });
    const after = new Inbox();
    await consume(kafka, 'g', 'a', after);
    await after.has(30);
    expect([...before.values, ...after.values].toSorted()).toEqual(values(60).toSorted());
  });

  test('a consumer that keeps running is served on after a restart', async () => {
    const broker = await restartableBroker(onTestFinished);
    const kafka = kafkajsClient(broker.brokers, { retry: { initialRetryTime: 50, retries: 50 } });
    const producer = await connectedProducer(onTestFinished, kafka);
    await producer.send({ topic: 'a', messages: numbered(10) });
    const inbox = new Inbox();
    await consume(kafka, 'g', 'a', inbox);
    await inbox.has(10);
    await broker.restart();
    await producer.send({ topic: 'a', messages: numbered(10, 10) });
    while (new Set(inbox.values).size < 20) await inbox.has(inbox.values.length + 1);
    expect(new Set(inbox.values)).toEqual(new Set(values(20)));
  });

  test('a second broker on the folder is refused, after the first has stopped it is not', async () => {
    const directory = await temporaryFolder(onTestFinished);
    const broker = await startedBroker(onTestFinished, { directory });
    await expect(startedBroker(onTestFinished, { directory })).rejects.toThrow(FolderInUse);
    await broker.stop();
    await broker.stop();
    await startedBroker(onTestFinished, { directory });
  });

  test('a port that is taken is said, and the folder is free again', async () => {
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
  test('topics are created as asked for, described and deleted', async () => {
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

  test('what a single broker cannot give is refused', async () => {
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

  test('asking for a topic creates it only where that is allowed', async () => {
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
    const inbox = new Inbox();
    const { consumer, joined } = await consume(kafka, 'g', 'a', inbox);
    await joined;
    await inbox.has(5);
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

  test('transactions are refused, not half done', async () => {
    const { kafka } = await newAdmin();
    const producer = kafka.producer({ transactionalId: 'x', maxInFlightRequests: 1 });
    onTestFinished(() => producer.disconnect());
    await producer.connect();
    await expect(producer.transaction()).rejects.toThrow('Failed to find group coordinator');
  });
});
