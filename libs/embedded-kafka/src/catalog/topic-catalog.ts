import { join } from 'node:path';

import { LogDamaged } from '../log/log-errors.ts';
import { PartitionLog, type LogEnvironment } from '../log/partition-log.ts';
import { ErrorCode } from '../protocol/error-code.ts';
import type { BrokerEvent, BrokerState, TopicRecord } from './broker-state.ts';
import type { Journal } from './journal.ts';
import { acceptTopicName, retentionOf, TopicRefused } from './topic-config.ts';

const MAX_PARTITIONS = 1000;
const CONCURRENT_OPENS = 8;

export interface Topic extends TopicRecord {
  readonly logs: readonly PartitionLog[];
}

/** The topics of the broker, with the logs of their partitions. */
export class TopicCatalog {
  private readonly topics = new Map<string, Topic>();
  private readonly creating = new Map<string, Promise<Topic>>();
  private lastId: number;

  private constructor(
    private readonly folder: string,
    private readonly state: BrokerState,
    private readonly journal: Journal<BrokerEvent>,
    private readonly environment: LogEnvironment,
  ) {
    this.lastId = state.topicIdsUsed;
  }

  /** Opens every log and removes the files of deleted topics. Throws LogDamaged. */
  static async open(
    folder: string,
    state: BrokerState,
    journal: Journal<BrokerEvent>,
    environment: LogEnvironment,
  ): Promise<TopicCatalog> {
    const catalog = new TopicCatalog(folder, state, journal, environment);
    await catalog.removeLeftovers();
    const waiting = [...state.topics.values()];
    const openNext = async (): Promise<void> => {
      for (let record = waiting.shift(); record; record = waiting.shift())
        catalog.topics.set(record.name, await catalog.openLogs(record));
    };
    await Promise.all(Array.from({ length: CONCURRENT_OPENS }, openNext));
    return catalog;
  }

  get(name: string): Topic | undefined {
    return this.topics.get(name);
  }

  log(name: string, partition: number): PartitionLog | undefined {
    return this.topics.get(name)?.logs[partition];
  }

  /** All topics, sorted by name. */
  all(): Topic[] {
    return [...this.topics.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Throws TopicRefused if the topic cannot be created. */
  check(name: string, partitions: number): void {
    acceptTopicName(name);
    if (this.topics.has(name) || this.creating.has(name))
      throw new TopicRefused(ErrorCode.topicAlreadyExists, `Topic ${name} already exists`);
    if (!Number.isInteger(partitions) || partitions < 1 || partitions > MAX_PARTITIONS)
      throw new TopicRefused(
        ErrorCode.invalidPartitions,
        `A topic has 1 to ${MAX_PARTITIONS} partitions, not ${partitions}`,
      );
  }

  /** Creates the topic; it is durable when this returns. Throws TopicRefused, JournalUnavailable. */
  async create(name: string, partitions: number, configs: Record<string, string>): Promise<Topic> {
    this.check(name, partitions);
    const creation = this.record({ name, id: ++this.lastId, partitions, configs });
    this.creating.set(name, creation);
    try {
      return await creation;
    } finally {
      this.creating.delete(name);
    }
  }

  /** The topic, which is created if it does not exist. Throws TopicRefused, JournalUnavailable. */
  async getOrCreate(name: string, partitions: number): Promise<Topic> {
    const known = this.topics.get(name) ?? this.creating.get(name);
    return known ?? this.create(name, partitions, {});
  }

  /** Deletes a topic with its records and the offsets committed for it. Throws TopicRefused, JournalUnavailable. */
  async delete(name: string): Promise<void> {
    const topic = this.topics.get(name);
    if (!topic)
      throw new TopicRefused(ErrorCode.unknownTopicOrPartition, `There is no topic ${name}`);
    this.topics.delete(name);
    try {
      await this.journal.record({ type: 'TopicDeleted', name });
    } catch (error) {
      this.topics.set(name, topic);
      throw error;
    }
    await Promise.all(topic.logs.map((log) => log.remove()));
    await this.environment.disk.remove(this.folderOf(topic));
  }

  /** Removes the segments that the retention of their topics allows to remove. `now` in milliseconds since 1970. */
  async retain(now: number): Promise<void> {
    for (const { configs, logs } of this.all()) {
      const { ms, bytes } = retentionOf(configs);
      for (const log of logs) await log.retain(now - ms, bytes);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.all().flatMap(({ logs }) => logs.map((log) => log.close())));
  }

  private async record(record: TopicRecord): Promise<Topic> {
    await this.journal.record({ type: 'TopicCreated', topic: record });
    const topic = await this.openLogs(record);
    this.topics.set(record.name, topic);
    return topic;
  }

  private async openLogs(record: TopicRecord): Promise<Topic> {
    const folder = this.folderOf(record);
    const logs = await Promise.all(
      Array.from({ length: record.partitions }, (_, index) =>
        PartitionLog.open(join(folder, String(index)), this.environment),
      ),
    );
    return { ...record, logs };
  }

  private async removeLeftovers(): Promise<void> {
    const inUse = new Set([...this.state.topics.values()].map(({ id }) => String(id)));
    for (const name of await this.environment.disk.list(this.folder)) {
      if (inUse.has(name)) continue;
      // A topic is recorded in the journal before its folder is created: an unknown folder means that the journal was lost.
      if (!(Number(name) <= this.state.topicIdsUsed))
        throw new LogDamaged(`${join(this.folder, name)} belongs to no topic in the journal`);
      await this.environment.disk.remove(join(this.folder, name));
    }
  }

  private folderOf({ id }: TopicRecord): string {
    return join(this.folder, String(id));
  }
}
