import { partitionOf, type EventLog } from '@casewire/event-log';

/** The number of partitions of each topic of events; it never changes. */
export class PartitionCounts {
  private readonly counts = new Map<string, number>();

  constructor(private readonly log: Pick<EventLog, 'endOffsets'>) {}

  /** Must be called before the first record of the topic is ingested. */
  async learn(topic: string): Promise<void> {
    this.counts.set(topic, (await this.log.endOffsets(topic)).size);
  }

  /** Whether a record with this key belongs to another partition: its publisher uses another partitioner. */
  isMisplaced(topic: string, partition: number, key: string | null): boolean {
    const count = this.counts.get(topic);
    return count !== undefined && key !== null && partitionOf(key, count) !== partition;
  }
}
