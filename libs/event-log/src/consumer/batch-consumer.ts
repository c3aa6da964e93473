import type { FetchMark } from '../client/end-offset-requests.ts';
import type { IncomingRecord } from '../client/record.ts';
import { traced } from '../client/tracing.ts';
import type { AssignedPartition, BufferedRecord } from './assigned-partition.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { FailureHandler } from './failure-handler.ts';
import { Failures } from './failures.ts';
import { GroupConsumer } from './group-consumer.ts';
import { PartitionConsumer } from './partition-consumer.ts';

export interface BatchContext {
  topic: string;
  partition: number;
  /** Aborts when the partition is lost. */
  signal: AbortSignal;
  /** The mark of the last fetch that brought records of the batch; for `endOffsets` and `catchUp`. */
  fetchMark: FetchMark;
}

export interface BatchConsumerOptions extends ConsumerOptions {
  /**
   * Handles records of one partition, in order and without a gap after the previous batch; a rejection is a failure of all
   * of them. After a crash or a rebalance records may be handled again.
   */
  handle(records: IncomingRecord[], context: BatchContext): Promise<void>;
  /** Called once for each fetch that brought records, after it returned and before any of them is handled. Must not throw. */
  onFetch?: (mark: FetchMark) => void;
  /** Maximum number of records in a batch. Default 500. */
  maxBatch?: number;
}

/**
 * Handles the records of a partition in batches, one after the other, and partitions concurrently. A batch has the records that
 * arrived since the previous one. A failed batch is retried record by record, in order, so that only the poison record is
 * dead-lettered; a batch that fails because a dependency is unavailable is retried as a whole.
 *
 * `highWater` (default 2,000) limits the records in memory over all partitions.
 */
export class BatchConsumer extends GroupConsumer {
  protected readonly partitionConsumer: PartitionConsumer;
  private readonly failureHandler: FailureHandler;
  private readonly queues = new WeakMap<AssignedPartition, BufferedRecord[]>();

  constructor(private readonly options: BatchConsumerOptions) {
    super();
    this.failureHandler = new FailureHandler(options);
    this.partitionConsumer = new PartitionConsumer({
      ...options,
      concurrency: Infinity,
      highWater: options.highWater ?? 2_000,
      accept: (partition, buffered) => {
        this.accept(partition, buffered);
      },
    });
  }

  private accept(partition: AssignedPartition, buffered: BufferedRecord): void {
    const queue = this.queues.get(partition);
    if (queue) {
      queue.push(buffered);
      return;
    }
    const started = [buffered];
    this.queues.set(partition, started);
    this.partitionConsumer.supervise(partition, this.work(partition, started), () => {
      for (const _ of started.splice(0)) this.partitionConsumer.drop(partition);
    });
  }

  private async work(partition: AssignedPartition, queue: BufferedRecord[]): Promise<void> {
    // Records that arrive in the same turn of the event loop belong to the same batch.
    await Promise.resolve();
    while (queue.length > 0) {
      const batch = queue.slice(0, this.options.maxBatch ?? 500);
      const handled = await this.handleBatch(partition, batch);
      queue.splice(0, batch.length);
      for (const [index, buffered] of batch.entries()) {
        if (index < handled) this.partitionConsumer.finish(partition, buffered);
        else this.partitionConsumer.drop(partition);
      }
    }
    // In the same turn of the event loop in which the queue was empty: the next record starts a new queue.
    this.queues.delete(partition);
  }

  /** Resolves with the number of records, from the start of the batch, that were handled or dead-lettered. */
  private async handleBatch(
    partition: AssignedPartition,
    batch: BufferedRecord[],
  ): Promise<number> {
    if (batch.length > 1) {
      const result = await this.handleWhole(partition, batch);
      if (result === 'handled') return batch.length;
      if (result === 'lost') return 0;
    }
    let handled = 0;
    for (const buffered of batch) {
      if (!(await this.handleRecord(partition, buffered))) break;
      handled += 1;
    }
    return handled;
  }

  private async handleWhole(
    partition: AssignedPartition,
    batch: BufferedRecord[],
  ): Promise<'handled' | 'lost' | 'failed'> {
    const failures = new Failures(this.options.retry);
    for (;;) {
      const result = await this.attempt(partition, batch);
      if (typeof result === 'string') return result;
      failures.add(result.error);
      if (batch[0]) this.failureHandler.report(batch[0], failures, batch.length);
      if (failures.action !== 'wait') return 'failed';
      await failures.pause(partition.signal);
    }
  }

  private async handleRecord(
    partition: AssignedPartition,
    buffered: BufferedRecord,
  ): Promise<boolean> {
    const { signal } = partition;
    const failures = new Failures(this.options.retry);
    for (;;) {
      const result = await this.attempt(partition, [buffered]);
      if (result === 'handled') return true;
      if (result === 'lost') return false;
      failures.add(result.error);
      this.failureHandler.report(buffered, failures);
      if (failures.final) return this.failureHandler.giveUp(buffered, failures, signal);
      await failures.pause(signal);
    }
  }

  private async attempt(
    partition: AssignedPartition,
    batch: BufferedRecord[],
  ): Promise<'handled' | 'lost' | { error: unknown }> {
    const { signal, topic, partition: number } = partition;
    const { groupId } = this.options;
    const { fetchMark } = batch.at(-1)!;
    const release = await this.partitionConsumer.acquireKey(
      `${groupId}/${topic}/${number}`,
      signal,
    );
    if (!release) return 'lost';
    try {
      const records = batch.map(({ record }) => record);
      await traced(groupId, records, () =>
        this.options.handle(records, { topic, partition: number, signal, fetchMark }),
      );
      return 'handled';
    } catch (error) {
      return signal.aborted ? 'lost' : { error };
    } finally {
      release();
    }
  }
}
