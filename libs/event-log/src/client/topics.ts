import { setTimeout as delay } from 'node:timers/promises';

import type { Admin } from 'kafkajs';

import { backoff } from '../consumer/retry-policy.ts';
import type { EndOffsets } from './end-offset-requests.ts';
import { EventLogClosed, EventLogRefused, EventLogUnavailable, TopicMismatch } from './errors.ts';
import { shortRetry, type BrokerAccess, kafkaClient } from './kafka-client.ts';
import { isRejectedByBroker } from './kafka-errors.ts';
import { type Cluster, clusterOf } from './kafkajs-cluster.ts';
import type { EventLogLogger } from './logger.ts';
import type { TopicSpec } from './record.ts';

/** Both connections belong to one client. kafkajs does not give access to the cluster of an admin. */
interface Connection {
  admin: Admin;
  cluster: Cluster;
}

const retryForMs = 10_000;
const retryBackoff = { backoffMs: 30, maxBackoffMs: 500 };

/** Creates and describes topics. The connection stays open, because end offsets must be available within a millisecond. */
export class Topics {
  private connection: Promise<Connection> | undefined;
  private closed = false;

  constructor(
    private readonly access: BrokerAccess,
    private readonly logger: EventLogLogger,
  ) {}

  async ensure(specs: readonly TopicSpec[]): Promise<void> {
    const existing = new Set(await this.request('topics', ({ admin }) => admin.listTopics()));
    const missing = specs.filter(({ topic }) => !existing.has(topic));
    if (missing.length > 0) {
      // Resolves with false if another process created one of them in the meantime; the check below decides.
      await this.request('topics to be created', ({ admin }) =>
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

  /** Requests the current end offsets from the brokers, all topics in one request. */
  endOffsets(topics: readonly string[]): Promise<Map<string, EndOffsets>> {
    return this.offsets('end', topics);
  }

  /** Requests the offset of the first record of each partition that the brokers still have. */
  startOffsets(topics: readonly string[]): Promise<Map<string, EndOffsets>> {
    return this.offsets('start', topics);
  }

  private offsets(
    which: 'start' | 'end',
    topics: readonly string[],
  ): Promise<Map<string, EndOffsets>> {
    return this.request(`the ${which} offsets of ${topics.join(', ')}`, async ({ cluster }) => {
      await cluster.addMultipleTargetTopics([...topics]);
      await cluster.refreshMetadataIfNecessary();
      const offsets = await cluster.fetchTopicsOffset(
        topics.map((topic) => ({
          topic,
          fromBeginning: which === 'start',
          partitions: cluster
            .findTopicPartitionMetadata(topic)
            .map(({ partitionId }) => ({ partition: partitionId })),
        })),
      );
      return new Map(
        offsets.map(({ topic, partitions }) => [
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

  /** Waits until each partition has a leader: brokers learn of new topics one after the other. */
  private partitionCounts(names: string[]): Promise<Map<string, number>> {
    return this.request('partitions', async ({ admin }) => {
      const { topics } = await admin.fetchTopicMetadata({ topics: names });
      for (const { name, partitions } of topics) {
        const leaderless = partitions.some(({ leader }) => leader < 0);
        if (leaderless) throw new Error(`${name} has partitions without a leader`);
      }
      return new Map(topics.map(({ name, partitions }) => [name, partitions.length]));
    });
  }

  /** Sends a request and retries it for 10 s, each time over a new connection that knows the current leaders. */
  private async request<T>(
    subject: string,
    send: (connection: Connection) => Promise<T>,
  ): Promise<T> {
    const deadline = performance.now() + retryForMs;
    for (let failures = 1; ; failures += 1) {
      if (this.closed) throw new EventLogClosed('the event log is closed');
      const used = (this.connection ??= this.connect());
      try {
        return await send(await used);
      } catch (error) {
        if (isRejectedByBroker(error))
          throw new EventLogRefused(`the broker refused the request for ${subject}`, error);
        if (this.connection === used) this.connection = undefined;
        void disconnect(used);
        if (performance.now() > deadline) {
          throw new EventLogUnavailable(`the request for ${subject} failed`, error);
        }
      }
      await delay(backoff(retryBackoff, failures, Math.random()));
    }
  }

  private async connect(): Promise<Connection> {
    const kafka = kafkaClient(this.access, this.logger, shortRetry);
    const admin = kafka.admin();
    const cluster = clusterOf(kafka);
    try {
      await Promise.all([admin.connect(), cluster.connect()]);
    } catch (error) {
      // One of the two may be connected.
      void disconnect(Promise.resolve({ admin, cluster }));
      throw error;
    }
    return { admin, cluster };
  }
}

/** A connection whose closing fails counts as closed. */
async function disconnect(connection: Promise<Connection> | undefined): Promise<void> {
  try {
    const { admin, cluster } = (await connection) ?? {};
    await Promise.all([admin?.disconnect(), cluster?.disconnect()]);
  } catch {
    // The caller that used the connection got the error.
  }
}

function definition({ topic, partitions, compacted, retentionMs }: TopicSpec) {
  const configEntries = [
    { name: 'cleanup.policy', value: compacted ? 'compact' : 'delete' },
    ...(retentionMs === undefined ? [] : [{ name: 'retention.ms', value: String(retentionMs) }]),
  ];
  return { topic, numPartitions: partitions, configEntries };
}
