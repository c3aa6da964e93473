import { partitionOf, type EventLog } from '@casewire/event-log';

/** How many partitions the topics of events have; that never changes. */
export class PartitionCounts {
  private readonly counts = new Map<string, number>();

  constructor(private readonly log: Pick<EventLog, 'endOffsets'>) {}

  /** Before the first record of the topic is looked at. */
  async learn(topic: string): Promise<void> {
    this.counts.set(topic, (await this.log.endOffsets(topic)).size);
  }

  /** Whether a record of this key belongs to another partition: its publisher's partitioner is another one. */
  isMisplaced(topic: string, partition: number, key: string | null): boolean {
    const count = this.counts.get(topic);
    return count !== undefined && key !== null && partitionOf(key, count) !== partition;
  }
}
