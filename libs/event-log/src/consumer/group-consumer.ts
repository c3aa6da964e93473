import type { PartitionLag } from './assigned-partition.ts';
import type { PartitionConsumer } from './partition-consumer.ts';

/** What the keyed and the batch consumer have in common for their users: membership of a group. */
export abstract class GroupConsumer {
  protected abstract readonly partitionConsumer: PartitionConsumer;

  /** The number of records in memory, running or waiting. */
  get bufferedCount(): number {
    return this.partitionConsumer.bufferedCount;
  }

  /** Whether there was contact with the broker within the last 10 s, as a member of the group. */
  get healthy(): boolean {
    return this.partitionConsumer.healthy;
  }

  /** The lag of each assigned partition that was fetched at least once. */
  get lags(): PartitionLag[] {
    return [...this.partitionConsumer.partitions.values()].flatMap(({ topic, partition, lag }) =>
      lag === undefined ? [] : [{ topic, partition, records: lag }],
    );
  }

  /** Resolves when the consumer has joined its group. It retries until then, and joins again after every crash. */
  start(): Promise<void> {
    return this.partitionConsumer.start();
  }

  /** Waits for running handlers (at most `drainMs`), commits, and leaves the group. */
  stop(): Promise<void> {
    return this.partitionConsumer.stop();
  }
}
