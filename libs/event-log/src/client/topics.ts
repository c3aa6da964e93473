import { setTimeout as delay } from 'node:timers/promises';

import type { Admin } from 'kafkajs';

import { backoff } from '../consumer/retry-policy.ts';
import type { Ends } from './end-offsets.ts';
import { EventLogClosed, EventLogRefused, EventLogUnavailable, TopicMismatch } from './errors.ts';
import { briskRetry, type BrokerAccess, kafkaClient } from './kafka-client.ts';
import { isRejectedByBroker } from './kafka-errors.ts';
import { type Cluster, clusterOf } from './kafkajs-cluster.ts';
import type { EventLogLogger } from './logger.ts';
import type { TopicSpec } from './record.ts';

/** The connections are those of one client; kafkajs keeps an admin's cluster to itself. */
interface Connection {
  admin: Admin;
  cluster: Cluster;
}

const patienceMs = 10_000;
const againAfter = { backoffMs: 30, maxBackoffMs: 500 };

/** What the brokers know about topics. The connection is kept open: asking for end offsets has to take a millisecond. */
export class Topics {
  private connection: Promise<Connection> | undefined;
  private closed = false;

  constructor(
    private readonly access: BrokerAccess,
    private readonly logger: EventLogLogger,
  ) {}

  async ensure(specs: readonly TopicSpec[]): Promise<void> {
    const existing = new Set(await this.ask('topics', ({ admin }) => admin.listTopics()));
    const missing = specs.filter(({ topic }) => !existing.has(topic));
    if (missing.length > 0) {
      // Resolves with false where another process created one of them meanwhile; the check below decides.
      await this.ask('topics to be created', ({ admin }) =>
        admin.createTopics({ topics: missing.map(definition), waitForLeaders: false }),
      );
    }
    const counts = await this.partitionCounts(specs.map(({ topic }) => topic));
    for (const { topic, partitions } of specs) {
      const found = counts.get(topic) ?? 0;
      if (found !== partitions) {
        throw new TopicMismatch(topic, `has ${found} partitions and should have ${partitions}`);
      }
    }
  }

  /** Asked from the brokers now, all topics in one request. */
  endOffsets(topics: readonly string[]): Promise<Map<string, Ends>> {
    return this.ask(`the ends of ${topics.join(', ')}`, async ({ cluster }) => {
      await cluster.addMultipleTargetTopics([...topics]);
      await cluster.refreshMetadataIfNecessary();
      const answers = await cluster.fetchTopicsOffset(
        topics.map((topic) => ({
          topic,
          fromBeginning: false,
          partitions: cluster
            .findTopicPartitionMetadata(topic)
            .map(({ partitionId }) => ({ partition: partitionId })),
        })),
      );
      return new Map(
        answers.map(({ topic, partitions }) => [
          topic,
          new Map(partitions.map(({ partition, offset }) => [partition, BigInt(offset)])),
        ]),
      );
    });
  }

  async close(): Promise<void> {
    this.closed = true;
    const connection = this.connection;
    this.connection = undefined;
    await disconnect(connection);
  }

  /** Waits for a leader of each partition: what was created a moment ago is not known to every broker at once. */
  private partitionCounts(names: string[]): Promise<Map<string, number>> {
    return this.ask('partitions', async ({ admin }) => {
      const { topics } = await admin.fetchTopicMetadata({ topics: names });
      for (const { name, partitions } of topics) {
        const leaderless = partitions.some(({ leader }) => leader < 0);
        if (leaderless) throw new Error(`${name} has partitions without a leader`);
      }
      return new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
    });
  }

  /** Asks again, over a new connection that knows the present leaders, for as long as the answer may change. */
  private async ask<T>(what: string, question: (connection: Connection) => Promise<T>): Promise<T> {
    const deadline = performance.now() + patienceMs;
    for (let failures = 1; ; failures += 1) {
      if (this.closed) throw new EventLogClosed('the event log is closed');
      const asked = (this.connection ??= this.connect());
      try {
        return await question(await asked);
      } catch (error) {
        if (isRejectedByBroker(error))
          throw new EventLogRefused(`the broker was asked for ${what}`, error);
        if (this.connection === asked) this.connection = undefined;
        void disconnect(asked);
        if (performance.now() > deadline) {
          throw new EventLogUnavailable(`the broker could not be asked for ${what}`, error);
        }
      }
      await delay(backoff(againAfter, failures, Math.random()));
    }
  }

  private async connect(): Promise<Connection> {
    const kafka = kafkaClient(this.access, this.logger, briskRetry);
    const admin = kafka.admin();
    const cluster = clusterOf(kafka);
    try {
      await Promise.all([admin.connect(), cluster.connect()]);
    } catch (error) {
      // One of the two may have come through.
      void disconnect(Promise.resolve({ admin, cluster }));
      throw error;
    }
    return { admin, cluster };
  }
}

/** A connection that fails to close is as good as closed. */
async function disconnect(connection: Promise<Connection> | undefined): Promise<void> {
  try {
    const { admin, cluster } = (await connection) ?? {};
    await Promise.all([admin?.disconnect(), cluster?.disconnect()]);
  } catch {
    // Whoever used it has heard of what is wrong.
  }
}

function definition({ topic, partitions, compacted, retentionMs }: TopicSpec) {
  const configEntries = [
    { name: 'cleanup.policy', value: compacted ? 'compact' : 'delete' },
    ...(retentionMs === undefined ? [] : [{ name: 'retention.ms', value: String(retentionMs) }]),
  ];
  return { topic, numPartitions: partitions, configEntries };
}
