import { EndOffsets, type Ends } from './client/end-offsets.ts';
import { EventLogRefused } from './client/errors.ts';
import type { BrokerAccess } from './client/kafka-client.ts';
import { type EventLogLogger, silentLogger } from './client/logger.ts';
import { encode, type EncodedRecord } from './client/record-encoding.ts';
import type { OutgoingRecord, TopicSpec } from './client/record.ts';
import { Topics } from './client/topics.ts';
import { RunningKeys } from './consumer/running-keys.ts';
import { Sender } from './producer/sender.ts';

export interface EventLogOptions extends BrokerAccess {
  logger?: EventLogLogger;
}

// https://kafka.apache.org/documentation: legal characters of a topic name, and its longest.
const topicName = /^[a-zA-Z0-9._-]{1,249}$/;

/**
 * Kafka, as this project uses it: one per process and cluster. It connects when it is first used.
 * Consumers, views and transports are made with it and take its brokers, client id and logger.
 */
export class EventLog {
  readonly brokers: readonly string[];
  readonly logger: EventLogLogger;
  /** @internal How a consumer gets to the brokers. */
  readonly access: BrokerAccess;
  /** @internal What handlers of this process are busy with, over all its consumers. */
  readonly runningKeys = new RunningKeys();
  private readonly sender: Sender;
  private readonly topics: Topics;
  private readonly ends: EndOffsets;

  constructor({ logger = silentLogger, ...access }: EventLogOptions) {
    this.brokers = access.brokers;
    this.logger = logger;
    this.access = access;
    this.sender = new Sender(access, logger);
    this.topics = new Topics(access, logger);
    this.ends = new EndOffsets((topics) => this.topics.endOffsets(topics));
  }

  /**
   * Appends records through the one idempotent producer, and resolves once all in-sync replicas have all of them. Records
   * of one key keep the order in which they were given, over concurrent calls and over retries (about 90 s of them).
   * The active trace goes along as `traceparent`, unless a record has that header.
   *
   * @throws RecordTooLarge: a record is larger than its topic takes; the others of this call may have been written.
   * @throws EventLogUnavailable: no acknowledgement in time; whether the records were written is unknown.
   * @throws EventLogRefused: the broker will not take a record, whatever is tried.
   */
  async send(records: readonly OutgoingRecord[]): Promise<void> {
    const nameless = records.find(({ topic }) => !topicName.test(topic));
    if (nameless) throw new EventLogRefused('not a topic name', nameless.topic);
    await this.append(records.map(encode));
  }

  /** @internal Appends records as they are, bytes of the key included. */
  async append(records: readonly EncodedRecord[]): Promise<void> {
    await this.sender.send(records);
  }

  /**
   * Creates what is missing, with the broker's default replication.
   *
   * @throws TopicMismatch: a topic exists with another partition count. It is left as it is.
   */
  async ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    await this.topics.ensure(specs);
  }

  /** The offset after the last record of each partition, as of a moment after the call. */
  endOffsets(topic: string): Promise<Ends> {
    return this.ends.ask(topic);
  }

  /** Sends what was accepted and disconnects. Consumers and views are stopped by whoever started them, before this. */
  async close(): Promise<void> {
    await this.sender.close();
    await this.topics.close();
  }
}
