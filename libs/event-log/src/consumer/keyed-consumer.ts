import type { IncomingRecord } from '../client/record.ts';
import { traced } from '../client/tracing.ts';
import type { AssignedPartition, BufferedRecord } from './assigned-partition.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { FailureHandler } from './failure-handler.ts';
import { Failures } from './failures.ts';
import { GroupConsumer } from './group-consumer.ts';
import { PartitionConsumer } from './partition-consumer.ts';

export interface KeyedConsumerOptions extends ConsumerOptions {
  /**
   * Handles a record; a rejection is a failure. After a crash or a rebalance a record may be handled again, so handlers must be
   * idempotent. The signal aborts when the partition is lost: the result of the handler is then ignored.
   */
  handle(record: IncomingRecord, context: { signal: AbortSignal }): Promise<void>;
  /** Maximum number of handlers that run at the same time. Default 16. */
  concurrency?: number;
}

/** The records of one key that are running or waiting, in order. */
interface KeyQueue {
  readonly id: string;
  readonly records: BufferedRecord[];
}

/**
 * Handles the records of a key one after the other, and records of different keys concurrently, up to `concurrency`. Records
 * without a key have no order. A failing record delays only its key, as long as the records that wait behind it
 * leave capacity in memory.
 *
 * `highWater` (default: twice the concurrency) limits the records in memory. Only the contiguous prefix of handled
 * records is committed, so a crash repeats records and loses none.
 */
export class KeyedConsumer extends GroupConsumer {
  protected readonly partitionConsumer: PartitionConsumer;
  private readonly failureHandler: FailureHandler;
  private readonly keyQueues = new WeakMap<AssignedPartition, Map<string, KeyQueue>>();

  constructor(private readonly options: KeyedConsumerOptions) {
    super();
    const { concurrency = 16 } = options;
    this.failureHandler = new FailureHandler(options);
    this.partitionConsumer = new PartitionConsumer({
      ...options,
      concurrency,
      highWater: options.highWater ?? 2 * concurrency,
      accept: (partition, buffered) => {
        this.accept(partition, buffered);
      },
    });
  }

  private accept(partition: AssignedPartition, buffered: BufferedRecord): void {
    const { key, offset } = buffered.record;
    // A record without a key has a queue of its own.
    const id = `${this.options.groupId}/${partition.topic}/${partition.partition}/${key === null ? offset : `=${key}`}`;
    const keyQueues = this.keyQueues.get(partition) ?? new Map<string, KeyQueue>();
    this.keyQueues.set(partition, keyQueues);
    const keyQueue = keyQueues.get(id);
    if (keyQueue) {
      keyQueue.records.push(buffered);
      return;
    }
    const started = { id, records: [buffered] };
    keyQueues.set(id, started);
    this.partitionConsumer.supervise(partition, this.work(partition, started, keyQueues), () => {
      for (const _ of started.records.splice(0)) this.partitionConsumer.drop(partition);
    });
  }

  private async work(
    partition: AssignedPartition,
    keyQueue: KeyQueue,
    keyQueues: Map<string, KeyQueue>,
  ): Promise<void> {
    for (let buffered = keyQueue.records[0]; buffered; buffered = keyQueue.records[0]) {
      const finished = await this.handle(partition, keyQueue.id, buffered);
      keyQueue.records.shift();
      if (finished) this.partitionConsumer.finish(partition, buffered);
      else this.partitionConsumer.drop(partition);
    }
    // In the same turn of the event loop in which the queue was empty: the next record of this key starts a new queue.
    keyQueues.delete(keyQueue.id);
  }

  /** Resolves with `false` if the partition was lost before the record was handled. */
  private async handle(
    partition: AssignedPartition,
    id: string,
    buffered: BufferedRecord,
  ): Promise<boolean> {
    const { signal } = partition;
    const failures = new Failures(this.options.retry);
    for (;;) {
      const release = await this.partitionConsumer.acquireKey(id, signal);
      if (!release) return false;
      try {
        const { record } = buffered;
        await traced(this.options.groupId, [record], () => this.options.handle(record, { signal }));
        return true;
      } catch (error) {
        if (signal.aborted) return false;
        failures.add(error);
        this.failureHandler.report(buffered, failures);
        if (failures.final) return await this.failureHandler.giveUp(buffered, failures, signal);
      } finally {
        release();
      }
      await failures.pause(signal);
    }
  }
}
