import { setTimeout as delay } from 'node:timers/promises';

import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';

import { EventLogClosed } from '../client/errors.ts';
import { type BrokerAccess, briskRetry, kafkaClient } from '../client/kafka-client.ts';
import type { EventLogLogger } from '../client/logger.ts';
import { WallClock } from '../client/wall-clock.ts';
import { backoff } from './retry-policy.ts';

export interface TopicPartition {
  topic: string;
  partition: number;
}

/** What one fetch brought of one partition. */
export interface FetchedBatch extends TopicPartition {
  messages: KafkaMessage[];
  /** Offset of the last record on the broker that this batch covers, records that were filtered out included. */
  lastOffset: bigint;
  /** The end of the partition at the time of the fetch. */
  highWatermark: bigint;
  /** The next fetch begins after this offset. What is not resolved is fetched again. */
  resolve: (offset: bigint) => void;
}

export interface GroupEvents {
  /** The group is about to be rearranged. What is to be committed for the old assignment has to be sent now. */
  rebalancing(): void;
  /** These partitions are ours. With another `memberId` than before, others may have owned them in between. */
  assigned(partitions: TopicPartition[], memberId: string): void;
  /** We are out of the group, and will join again. */
  lost(): void;
  /** The brokers answered a fetch; its batches follow. */
  fetched(): void;
  /** Must not throw, and must return soon: all partitions of that broker wait for it. */
  batch(batch: FetchedBatch): Promise<void>;
}

export interface GroupMemberOptions {
  access: BrokerAccess;
  logger: EventLogLogger;
  groupId: string;
  topics: readonly string[];
  sessionTimeoutMs: number;
  heartbeatMs: number;
  maxBytesPerPartition: number;
  /** How long a fetch waits for records; also how long a partition that was paused may take to be fetched again. */
  maxWaitMs: number;
  events: GroupEvents;
}

const rejoinBackoff = { backoffMs: 200, maxBackoffMs: 5_000 };

/** Membership in a consumer group that outlives crashes of the kafkajs consumer below it: it joins again until it is stopped. */
export class GroupMember {
  private readonly joined = Promise.withResolvers<void>();
  private readonly stopping = new AbortController();
  private life: Promise<void> | undefined;
  /**
   * The kafkajs consumer while its group exists: from the first join until it stops. At any other time kafkajs throws when
   * it is asked to pause, resume or seek; a new consumer starts with no partition paused and at the committed offsets.
   */
  private consumer: Consumer | undefined;
  private endMembership: ((error: unknown) => void) | undefined;
  private commitOnce: EachBatchPayload['commitOffsetsIfNecessary'] | undefined;
  private lastContact: number | undefined;

  constructor(private readonly options: GroupMemberOptions) {}

  /** Resolves once the group has assigned partitions; tries until then. Rejects when kafkajs refuses the options. */
  async start(): Promise<void> {
    this.life ??= this.live(this.createConsumer());
    await this.joined.promise;
  }

  /** Leaves the group because of a fault in this process, and joins again: what was not committed comes again. */
  rejoin(error: unknown): void {
    this.endMembership?.(error);
  }

  /** Leaves the group. Whatever is to be committed has been committed before. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.joined.reject(new EventLogClosed('the consumer was stopped'));
    // Whoever waits in start() hears of it; nobody else has to.
    this.joined.promise.catch(() => undefined);
    await this.life;
  }

  /** Milliseconds since the broker was last heard of as a member of the group; infinite while it is not one. */
  get silence(): number {
    return this.lastContact === undefined ? Infinity : performance.now() - this.lastContact;
  }

  pause({ topic, partition }: TopicPartition): void {
    this.consumer?.pause([{ topic, partitions: [partition] }]);
  }

  resume({ topic, partition }: TopicPartition): void {
    this.consumer?.resume([{ topic, partitions: [partition] }]);
  }

  seek({ topic, partition }: TopicPartition, offset: bigint): void {
    this.consumer?.seek({ topic, partition, offset: offset.toString() });
  }

  /**
   * Commits the offsets that are to be read next. One try, bound to the generation of the group in which it is called:
   * kafkajs' own commit repeats under the next generation, when another member may own the partition, and does nothing,
   * without a word, while the consumer stops.
   */
  async commit(offsets: readonly (TopicPartition & { next: bigint })[]): Promise<void> {
    if (!this.commitOnce) throw new EventLogClosed('not a member of the group');
    const topics = Map.groupBy(offsets, ({ topic }) => topic);
    await this.commitOnce({
      topics: [...topics].map(([topic, partitions]) => ({
        topic,
        partitions: partitions.map(({ partition, next }) => ({
          partition,
          offset: next.toString(),
        })),
      })),
    });
  }

  private async live(first: Consumer): Promise<void> {
    const { logger, groupId, events } = this.options;
    const { signal } = this.stopping;
    let failures = 0;
    for (let consumer = first; !signal.aborted; consumer = this.createConsumer()) {
      consumer.on(consumer.events.GROUP_JOIN, () => {
        failures = 0;
      });
      const error = await this.membership(consumer);
      this.lastContact = undefined;
      events.lost();
      if (signal.aborted) return;
      failures += 1;
      logger.warn({ event: 'consumer.rejoins', groupId, error }, 'the consumer joins again');
      const pause = backoff(rejoinBackoff, failures, Math.random());
      await delay(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  /** One life of a kafkajs consumer; resolves with what it died of, or when it is to stop. */
  private async membership(consumer: Consumer): Promise<unknown> {
    const { signal } = this.stopping;
    const end = Promise.withResolvers<unknown>();
    const stop = () => {
      end.resolve(undefined);
    };
    this.endMembership = end.resolve;
    signal.addEventListener('abort', stop, { once: true });
    consumer.on(consumer.events.CRASH, ({ payload }) => {
      end.resolve(payload.error);
    });
    const running = this.run(consumer).catch((error: unknown) => {
      end.resolve(error);
    });
    try {
      return await end.promise;
    } finally {
      this.endMembership = undefined;
      signal.removeEventListener('abort', stop);
      this.leaveGroup();
      const left = running.then(() => consumer.disconnect()).catch(() => undefined);
      // kafkajs cannot be told to stop connecting, and a broker that is away should not hold up who stops.
      if (!signal.aborted || this.lastContact !== undefined) await left;
    }
  }

  private leaveGroup(): void {
    this.consumer = undefined;
    this.commitOnce = undefined;
  }

  private createConsumer(): Consumer {
    const { access, logger, groupId, sessionTimeoutMs, heartbeatMs } = this.options;
    return kafkaClient(access, logger, briskRetry).consumer({
      groupId,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: Math.max(30_000, sessionTimeoutMs),
      heartbeatInterval: heartbeatMs,
      maxBytesPerPartition: this.options.maxBytesPerPartition,
      maxWaitTimeInMs: this.options.maxWaitMs,
      // One way to come back, ours: kafkajs restarts after some crashes and not after others.
      retry: { ...briskRetry, restartOnFailure: () => Promise.resolve(false) },
    });
  }

  private async run(consumer: Consumer): Promise<void> {
    const { events, topics } = this.options;
    const { FETCH, GROUP_JOIN, HEARTBEAT, REBALANCING, STOP } = consumer.events;
    const contact = () => (this.lastContact = performance.now());
    consumer.on(HEARTBEAT, contact);
    const clock = new WallClock();
    consumer.on(FETCH, () => {
      // kafkajs would send no heartbeat until the time of the last one has come again.
      const error = clock.movedBack(this.options.heartbeatMs);
      if (error) this.rejoin(error);
      events.fetched();
    });
    consumer.on(REBALANCING, () => {
      events.rebalancing();
    });
    consumer.on(GROUP_JOIN, ({ payload: { memberId, memberAssignment } }) => {
      contact();
      this.consumer = consumer;
      events.assigned(partitionsOf(memberAssignment), memberId);
      this.joined.resolve();
    });
    // kafkajs says so in the same turn in which its group is gone; a crash it reports only after it has disconnected.
    consumer.on(STOP, () => {
      this.leaveGroup();
    });
    await consumer.connect();
    await consumer.subscribe({ topics: [...topics], fromBeginning: true });
    if (this.stopping.signal.aborted) return;
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      eachBatch: async (payload) => {
        const { batch } = payload;
        contact();
        this.commitOnce = (offsets) => payload.commitOffsetsIfNecessary(offsets);
        await events.batch({
          topic: batch.topic,
          partition: batch.partition,
          messages: batch.messages,
          lastOffset: BigInt(batch.lastOffset()),
          highWatermark: BigInt(batch.highWatermark),
          resolve: (offset) => {
            payload.resolveOffset(offset.toString());
          },
        });
      },
    });
  }
}

const partitionsOf = (assignment: Record<string, number[]>): TopicPartition[] =>
  Object.entries(assignment).flatMap(([topic, partitions]) =>
    partitions.map((partition) => ({ topic, partition })),
  );
