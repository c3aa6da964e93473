import type { IncomingRecord } from '../client/record.ts';
import { traced } from '../client/tracing.ts';
import type { AssignedPartition, BufferedRecord } from './assigned-partition.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { Failures } from './failures.ts';
import { PartitionConsumer } from './partition-consumer.ts';
import { RecordHandling } from './record-handling.ts';

export interface BatchConsumerOptions extends ConsumerOptions {
  /**
   * Handles records of one partition, in their order and without a gap to the batch before; rejecting is a failure of all
   * of them. Records may come again, after a crash or a rebalance. The signal aborts when the partition is lost.
   */
  handle(
    records: IncomingRecord[],
    context: { topic: string; partition: number; signal: AbortSignal },
  ): Promise<void>;
  /** Most records of a batch. Default 500. */
  maxBatch?: number;
}

/**
 * Handles the records of a partition in batches, one after the other, and partitions at once. A batch is what has arrived
 * since the one before. One that fails is tried again record by record, in order, so that a poison record goes to the
 * dead letters alone; one that fails because something is away is tried again as it is.
 *
 * `highWater` (default 2,000) bounds the records in memory over all partitions.
 */
export class BatchConsumer {
  private readonly consumption: PartitionConsumer;
  private readonly handling: RecordHandling;
  private readonly queues = new WeakMap<AssignedPartition, BufferedRecord[]>();

  constructor(private readonly options: BatchConsumerOptions) {
    this.handling = new RecordHandling(options);
    this.consumption = new PartitionConsumer({
      ...options,
      concurrency: Infinity,
      highWater: options.highWater ?? 2_000,
      accept: (partition, held) => {
        this.accept(partition, held);
      },
    });
  }

  /** Records in memory: being handled, or waiting for it. */
  get held(): number {
    return this.consumption.held;
  }

  /** Whether the broker was heard of within the last 10 s, as a member of the group. */
  get healthy(): boolean {
    return this.consumption.healthy;
  }

  /** Resolves once the group has let it in; it tries until then, and again after every crash. */
  start(): Promise<void> {
    return this.consumption.start();
  }

  /** Lets running handlers end (for `drainMs` at most), commits, and leaves the group. */
  stop(): Promise<void> {
    return this.consumption.stop();
  }

  private accept(partition: AssignedPartition, held: BufferedRecord): void {
    const queue = this.queues.get(partition);
    if (queue) {
      queue.push(held);
      return;
    }
    const begun = [held];
    this.queues.set(partition, begun);
    this.consumption.undertake(partition, this.work(partition, begun), () => {
      for (const _ of begun.splice(0)) this.consumption.drop(partition);
    });
  }

  private async work(partition: AssignedPartition, queue: BufferedRecord[]): Promise<void> {
    // What arrives in the same turn belongs into the same batch.
    await Promise.resolve();
    while (queue.length > 0) {
      const batch = queue.slice(0, this.options.maxBatch ?? 500);
      const handled = await this.handleBatch(partition, batch);
      queue.splice(0, batch.length);
      for (const [index, held] of batch.entries()) {
        if (index < handled) this.consumption.finish(partition, held);
        else this.consumption.drop(partition);
      }
    }
    // In the same turn in which it was seen empty.
    this.queues.delete(partition);
  }

  /** Resolves with how many records of the batch, from its beginning, were handled or given up on. */
  private async handleBatch(
    partition: AssignedPartition,
    batch: BufferedRecord[],
  ): Promise<number> {
    if (batch.length > 1) {
      const outcome = await this.handleTogether(partition, batch);
      if (outcome === 'handled') return batch.length;
      if (outcome === 'lost') return 0;
    }
    let handled = 0;
    for (const held of batch) {
      if (!(await this.handleOne(partition, held))) break;
      handled += 1;
    }
    return handled;
  }

  private async handleTogether(
    partition: AssignedPartition,
    batch: BufferedRecord[],
  ): Promise<'handled' | 'lost' | 'failed'> {
    const failures = new Failures(this.options.retry);
    for (;;) {
      const outcome = await this.attempt(partition, batch);
      if (typeof outcome === 'string') return outcome;
      failures.add(outcome.error);
      if (batch[0]) this.handling.report(batch[0], failures, batch.length);
      if (failures.verdict !== 'wait') return 'failed';
      await failures.pause(partition.signal);
    }
  }

  private async handleOne(partition: AssignedPartition, held: BufferedRecord): Promise<boolean> {
    const { signal } = partition;
    const failures = new Failures(this.options.retry);
    for (;;) {
      const outcome = await this.attempt(partition, [held]);
      if (outcome === 'handled') return true;
      if (outcome === 'lost') return false;
      failures.add(outcome.error);
      this.handling.report(held, failures);
      if (failures.final) return this.handling.giveUp(held, failures, signal);
      await failures.pause(signal);
    }
  }

  private async attempt(
    partition: AssignedPartition,
    batch: BufferedRecord[],
  ): Promise<'handled' | 'lost' | { error: unknown }> {
    const { signal, topic, partition: number } = partition;
    const { groupId } = this.options;
    const end = await this.consumption.turn(`${groupId}/${topic}/${number}`, signal);
    if (!end) return 'lost';
    try {
      const records = batch.map(({ record }) => record);
      await traced(groupId, records, () =>
        this.options.handle(records, { topic, partition: number, signal }),
      );
      return 'handled';
    } catch (error) {
      return signal.aborted ? 'lost' : { error };
    } finally {
      end();
    }
  }
}
