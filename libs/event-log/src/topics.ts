import type { Admin } from 'kafkajs';

import { EventLogClosed, EventLogRefused, EventLogUnavailable, TopicMismatch } from './errors.ts';
import { briskRetry, type BrokerAccess, kafkaClient } from './kafka-client.ts';
import { isRefusal } from './kafka-errors.ts';
import type { EventLogLogger } from './logger.ts';
import type { TopicSpec } from './record.ts';

/** What the brokers know about topics. The connection is kept open: asking for end offsets has to take a millisecond. */
export class Topics {
  private admin: Promise<Admin> | undefined;
  private closed = false;

  constructor(
    private readonly access: BrokerAccess,
    private readonly logger: EventLogLogger,
  ) {}

  async ensure(specs: readonly TopicSpec[]): Promise<void> {
    const existing = new Set(await this.ask('topics', (admin) => admin.listTopics()));
    const missing = specs.filter(({ topic }) => !existing.has(topic));
    if (missing.length > 0) {
      // Resolves with false where another process created one of them meanwhile; the check below decides.
      await this.ask('topics to be created', (admin) =>
        admin.createTopics({ topics: missing.map(definition) }),
      );
    }
    const { topics } = await this.ask('topics', (admin) =>
      admin.fetchTopicMetadata({ topics: specs.map(({ topic }) => topic) }),
    );
    for (const { topic, partitions } of specs) {
      const found = topics.find(({ name }) => name === topic)?.partitions.length ?? 0;
      if (found !== partitions) {
        throw new TopicMismatch(topic, `has ${found} partitions and should have ${partitions}`);
      }
    }
  }

  async endOffsets(topic: string): Promise<Map<number, bigint>> {
    const offsets = await this.ask(`the end of ${topic}`, (admin) =>
      admin.fetchTopicOffsets(topic),
    );
    return new Map(offsets.map(({ partition, high }) => [partition, BigInt(high)]));
  }

  async close(): Promise<void> {
    this.closed = true;
    const admin = this.admin;
    this.admin = undefined;
    await (await admin?.catch(() => undefined))?.disconnect();
  }

  private async ask<T>(what: string, question: (admin: Admin) => Promise<T>): Promise<T> {
    if (this.closed) throw new EventLogClosed('the event log is closed');
    try {
      this.admin ??= this.connect();
      return await question(await this.admin);
    } catch (error) {
      if (isRefusal(error)) throw new EventLogRefused(`the broker was asked for ${what}`, error);
      throw new EventLogUnavailable(`the broker could not be asked for ${what}`, error);
    }
  }

  private async connect(): Promise<Admin> {
    const admin = kafkaClient(this.access, this.logger, briskRetry).admin();
    try {
      await admin.connect();
      return admin;
    } catch (error) {
      this.admin = undefined;
      throw error;
    }
  }
}

function definition({ topic, partitions, compacted, retentionMs }: TopicSpec) {
  const configEntries = [
    { name: 'cleanup.policy', value: compacted ? 'compact' : 'delete' },
    ...(retentionMs === undefined ? [] : [{ name: 'retention.ms', value: String(retentionMs) }]),
  ];
  return { topic, numPartitions: partitions, configEntries };
}
