import {
  EndOffsetRequests,
  type EndOffsets,
  type FetchMark,
} from './client/end-offset-requests.ts';
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

// https://kafka.apache.org/documentation: legal characters of a topic name, and its greatest length.
const topicName = /^[a-zA-Z0-9._-]{1,249}$/;

/**
 * Access to Kafka, one per process and cluster. It connects at its first use.
 * Consumers, views and transports are created with it and use its brokers, client id and logger.
 */
export class EventLog {
  readonly brokers: readonly string[];
  readonly logger: EventLogLogger;
  /** @internal How consumers connect to the brokers. */
  readonly access: BrokerAccess;
  /** @internal The keys that have a running handler, over all consumers of this process. */
  readonly runningKeys = new RunningKeys();
  private readonly sender: Sender;
  private readonly topics: Topics;
  private readonly endOffsetRequests: EndOffsetRequests;

  constructor({ logger = silentLogger, ...access }: EventLogOptions) {
    this.brokers = access.brokers;
    this.logger = logger;
    this.access = access;
    this.sender = new Sender(access, logger);
    this.topics = new Topics(access, logger);
    this.endOffsetRequests = new EndOffsetRequests((topics) => this.topics.endOffsets(topics));
  }

  /**
   * Appends records through one idempotent producer, and resolves when all in-sync replicas have stored all of them. Records
   * of the same key keep their order over concurrent calls and over retries, which last about 90 s.
   * The active trace is sent as `traceparent`, unless a record has that header.
   *
   * @throws RecordTooLarge: a record is larger than its topic allows; the other records of this call may have been written.
   * @throws EventLogUnavailable: no acknowledgement within the time limit; whether the records were written is unknown.
   * @throws EventLogRefused: the broker refuses a record, and a retry would be refused too.
   */
  async send(records: readonly OutgoingRecord[]): Promise<void> {
    const misnamed = records.find(({ topic }) => !topicName.test(topic));
    if (misnamed) throw new EventLogRefused('not a topic name', misnamed.topic);
    await this.append(records.map(encode));
  }

  /** @internal Appends records unchanged, including the bytes of the key. */
  async append(records: readonly EncodedRecord[]): Promise<void> {
    await this.sender.send(records);
  }

  /**
   * Creates missing topics, with the default replication of the broker.
   *
   * @throws TopicMismatch: a topic exists with another partition count. It is not changed.
   */
  async ensureTopics(specs: readonly TopicSpec[]): Promise<void> {
    await this.topics.ensure(specs);
  }

  /**
   * The offset after the last record of each partition. Every record that was acknowledged before the call is included. With
   * `after`: every record that was acknowledged before a record of that fetch was written; calls with the same mark share a request.
   */
  endOffsets(topic: string, { after }: { after?: FetchMark } = {}): Promise<EndOffsets> {
    return this.endOffsetRequests.fetch(topic, after);
  }

  /** @internal A mark for a fetch that has returned. */
  fetchMark(): FetchMark {
    return this.endOffsetRequests.mark();
  }

  /** The offset of the first record of each partition that was not deleted yet; the end offset where none is left. */
  async startOffsets(topic: string): Promise<EndOffsets> {
    return (await this.topics.startOffsets([topic])).get(topic) ?? new Map<number, bigint>();
  }

  /** Sends the records that were accepted, then disconnects. The caller stops its consumers and views before. */
  async close(): Promise<void> {
    await this.sender.close();
    await this.topics.close();
  }
}
