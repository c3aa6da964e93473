import { setTimeout as delay } from 'node:timers/promises';

import type { Consumer, EachBatchPayload, KafkaMessage } from 'kafkajs';

import { EventLogClosed } from '../client/errors.ts';
import { type BrokerAccess, shortRetry, kafkaClient } from '../client/kafka-client.ts';
import { FetchControl } from '../client/kafkajs-fetch.ts';
import type { EventLogLogger } from '../client/logger.ts';
import { WallClock } from '../client/wall-clock.ts';
import { backoff } from './retry-policy.ts';

export interface TopicPartition {
  topic: string;
  partition: number;
}

/** The records of one partition in one fetch. */
export interface FetchedBatch extends TopicPartition {
  messages: KafkaMessage[];
  /** Offset of the last record that this batch covers, including records that were filtered out. */
  lastOffset: bigint;
  /** The end offset of the partition at the time of the fetch. */
  highWatermark: bigint;
  /** The next fetch starts after this offset. Records that are not resolved are fetched again. */
  resolve: (offset: bigint) => void;
}

export interface GroupEvents {
  /** A rebalance starts. Commits for the old assignment must be sent now. */
  rebalancing(): void;
  /** These partitions are assigned to this member. If `memberId` changed, other members may have had them in between. */
  assigned(partitions: TopicPartition[], memberId: string): void;
  /** This member left the group, and will join again. */
  lost(): void;
  /** The broker responded to a fetch; its batches follow. */
  fetched(): void;
  /** Must not throw, and must resolve soon: all partitions of the broker wait for it. */
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
  /** How long a fetch waits for records. Heartbeats are sent between two fetches, so it must be well below the session's time-out. */
  maxWaitMs: number;
  events: GroupEvents;
}

// How long a fetch waits for records while a partition is paused: a resumed partition is part of the next fetch.
const maxWaitWhilePausedMs = 100;
const rejoinBackoff = { backoffMs: 200, maxBackoffMs: 5_000 };

interface ControlledConsumer {
  consumer: Consumer;
  fetches: FetchControl;
}

/** A member of a consumer group. When its kafkajs consumer crashes, it creates a new one and joins again, until it is stopped. */
export class GroupMember {
  private readonly joined = Promise.withResolvers<void>();
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  /**
   * The kafkajs consumer while its group exists: from the first join until it stops. At any other time pause, resume and seek of
   * kafkajs throw; a new consumer starts with no partition paused and at the committed offsets.
   */
  private consumer: Consumer | undefined;
  private endMembership: ((error: unknown) => void) | undefined;
  private commitOnce: EachBatchPayload['commitOffsetsIfNecessary'] | undefined;
  private lastContact: number | undefined;
  private readonly paused = new Set<string>();

  constructor(private readonly options: GroupMemberOptions) {}

  /** Resolves when the group has assigned partitions; retries until then. Rejects if kafkajs refuses the options. */
  async start(): Promise<void> {
    this.running ??= this.keepJoined(this.createConsumer());
    await this.joined.promise;
  }

  /** Leaves the group because of a fault in this process, and joins again: records that were not committed are fetched again. */
  rejoin(error: unknown): void {
    this.endMembership?.(error);
  }

  /** Leaves the group. The caller commits before. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.joined.reject(new EventLogClosed('the consumer was stopped'));
    // Without this handler the rejection would be unhandled when no caller waits in start().
    this.joined.promise.catch(() => undefined);
    await this.running;
  }

  /** Milliseconds since the last contact with the broker; Infinity while this is not a member of the group. */
  get silenceMs(): number {
    return this.lastContact === undefined ? Infinity : performance.now() - this.lastContact;
  }

  pause({ topic, partition }: TopicPartition): void {
    if (!this.consumer) return;
    this.paused.add(`${topic}/${partition}`);
    this.consumer.pause([{ topic, partitions: [partition] }]);
  }

  resume({ topic, partition }: TopicPartition): void {
    this.paused.delete(`${topic}/${partition}`);
    this.consumer?.resume([{ topic, partitions: [partition] }]);
  }

  seek({ topic, partition }: TopicPartition, offset: bigint): void {
    this.consumer?.seek({ topic, partition, offset: offset.toString() });
  }

  /**
   * Commits the offsets of the next records to read. One attempt, in the current generation of the group. The commit
   * of kafkajs would retry in the next generation, in which another member may have the partition, and silently does nothing
   * while the consumer stops.
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

  private async keepJoined(first: ControlledConsumer): Promise<void> {
    const { logger, groupId, events } = this.options;
    const { signal } = this.stopping;
    let failures = 0;
    for (let made = first; !signal.aborted; made = this.createConsumer()) {
      const { consumer } = made;
      consumer.on(consumer.events.GROUP_JOIN, () => {
        failures = 0;
      });
      const error = await this.membership(made);
      this.lastContact = undefined;
      events.lost();
      if (signal.aborted) return;
      failures += 1;
      logger.warn(
        { event: 'consumer.rejoins', groupId, error },
        'the consumer joins its group again',
      );
      const pause = backoff(rejoinBackoff, failures, Math.random());
      await delay(pause, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Runs one kafkajs consumer. Resolves with the error of its crash, or with `undefined` at a stop. */
  private async membership({ consumer, fetches }: ControlledConsumer): Promise<unknown> {
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
      const left = running
        .then(() => {
          const disconnected = consumer.disconnect();
          fetches.end();
          return disconnected;
        })
        .catch(() => undefined);
      // kafkajs cannot cancel connecting, and an unavailable broker must not delay a stop.
      if (!signal.aborted || this.lastContact !== undefined) await left;
    }
  }

  private leaveGroup(): void {
    this.consumer = undefined;
    this.commitOnce = undefined;
    this.paused.clear();
  }

  private createConsumer(): ControlledConsumer {
    const { access, logger, groupId, sessionTimeoutMs, heartbeatMs } = this.options;
    const fetches = new FetchControl(() =>
      this.paused.size > 0
        ? Math.min(maxWaitWhilePausedMs, this.options.maxWaitMs)
        : this.options.maxWaitMs,
    );
    const consumer = kafkaClient(access, logger, shortRetry).consumer({
      groupId,
      partitionAssigners: [fetches.assigner],
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: Math.max(30_000, sessionTimeoutMs),
      heartbeatInterval: heartbeatMs,
      maxBytesPerPartition: this.options.maxBytesPerPartition,
      // Responds to a fetch at once when there is a record.
      minBytes: 1,
      // kafkajs restarts after some crashes only, so keepJoined does it after all of them.
      retry: { ...shortRetry, restartOnFailure: () => Promise.resolve(false) },
    });
    return { consumer, fetches };
  }

  private async run(consumer: Consumer): Promise<void> {
    const { events, topics } = this.options;
    const { FETCH, GROUP_JOIN, HEARTBEAT, REBALANCING, STOP } = consumer.events;
    const contact = () => (this.lastContact = performance.now());
    consumer.on(HEARTBEAT, contact);
    const clock = new WallClock();
    consumer.on(FETCH, () => {
      // After the clock went back, kafkajs sends no heartbeat until the clock reaches the time of the last heartbeat again.
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
    // kafkajs emits STOP in the same turn in which it discards its group, and CRASH only after it has disconnected.
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
