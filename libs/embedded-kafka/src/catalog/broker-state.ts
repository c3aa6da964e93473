import { z } from 'zod';

import type { Journaled } from './journal.ts';

const CommittedOffset = z.object({
  topic: z.string(),
  partition: z.number(),
  offset: z.number(),
  metadata: z.string().nullable(),
});
export type CommittedOffset = z.infer<typeof CommittedOffset>;

const TopicRecord = z.object({
  name: z.string(),
  /** Never used twice, so that the files of a deleted topic are never read as those of a later one. */
  id: z.number(),
  partitions: z.number(),
  configs: z.record(z.string(), z.string()),
});
export type TopicRecord = z.infer<typeof TopicRecord>;

export const BrokerEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('TopicCreated'), topic: TopicRecord }),
  z.object({ type: z.literal('TopicDeleted'), name: z.string() }),
  z.object({ type: z.literal('TopicIdsUsed'), upTo: z.number() }),
  z.object({
    type: z.literal('OffsetsCommitted'),
    group: z.string(),
    offsets: z.array(CommittedOffset),
  }),
  z.object({ type: z.literal('GroupDeleted'), group: z.string() }),
  z.object({ type: z.literal('ProducerIdsReserved'), upTo: z.number() }),
]);
export type BrokerEvent = z.infer<typeof BrokerEvent>;

/** The state of the broker besides the records: topics, committed offsets, and the ids in use. */
export class BrokerState implements Journaled<BrokerEvent> {
  readonly topics = new Map<string, TopicRecord>();
  /** By group, then by topic and partition. */
  private readonly offsets = new Map<string, Map<string, CommittedOffset>>();
  topicIdsUsed = 0;
  producerIdsReserved = 0;

  parse(json: unknown): BrokerEvent {
    return BrokerEvent.parse(json);
  }

  apply(event: BrokerEvent): void {
    switch (event.type) {
      case 'TopicCreated':
        this.topics.set(event.topic.name, event.topic);
        this.topicIdsUsed = Math.max(this.topicIdsUsed, event.topic.id);
        break;
      case 'TopicDeleted':
        this.topics.delete(event.name);
        this.forgetOffsetsOf(event.name);
        break;
      case 'TopicIdsUsed':
        this.topicIdsUsed = Math.max(this.topicIdsUsed, event.upTo);
        break;
      case 'OffsetsCommitted':
        this.commit(event.group, event.offsets);
        break;
      case 'GroupDeleted':
        this.offsets.delete(event.group);
        break;
      case 'ProducerIdsReserved':
        this.producerIdsReserved = event.upTo;
        break;
    }
  }

  snapshot(): BrokerEvent[] {
    return [
      { type: 'TopicIdsUsed', upTo: this.topicIdsUsed },
      { type: 'ProducerIdsReserved', upTo: this.producerIdsReserved },
      ...[...this.topics.values()].map((topic) => ({ type: 'TopicCreated' as const, topic })),
      ...[...this.offsets].map(([group, offsets]) => ({
        type: 'OffsetsCommitted' as const,
        group,
        offsets: [...offsets.values()],
      })),
    ];
  }

  groupsWithOffsets(): string[] {
    return [...this.offsets.keys()];
  }

  hasOffsets(group: string): boolean {
    return this.offsets.has(group);
  }

  committedBy(group: string): CommittedOffset[] {
    return [...(this.offsets.get(group)?.values() ?? [])];
  }

  committed(group: string, topic: string, partition: number): CommittedOffset | undefined {
    return this.offsets.get(group)?.get(keyOf(topic, partition));
  }

  private commit(group: string, offsets: readonly CommittedOffset[]): void {
    const known = this.offsets.get(group) ?? new Map<string, CommittedOffset>();
    this.offsets.set(group, known);
    for (const offset of offsets) {
      // The topic may have been deleted while the commit was written to the disk.
      if (this.topics.has(offset.topic)) known.set(keyOf(offset.topic, offset.partition), offset);
    }
  }

  private forgetOffsetsOf(topic: string): void {
    for (const known of this.offsets.values()) {
      for (const [key, offset] of known) if (offset.topic === topic) known.delete(key);
    }
  }
}

function keyOf(topic: string, partition: number): string {
  return `${topic}/${partition}`;
}
