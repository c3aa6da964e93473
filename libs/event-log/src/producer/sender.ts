import {
  type Message,
  Partitioners,
  type Producer,
  type RecordMetadata,
  type RetryOptions,
} from 'kafkajs';

import {
  EventLogClosed,
  EventLogRefused,
  EventLogUnavailable,
  RecordTooLarge,
} from '../client/errors.ts';
import { type BrokerAccess, kafkaClient, longRetry } from '../client/kafka-client.ts';
import { isRejectedByBroker, protocolError } from '../client/kafka-errors.ts';
import type { EventLogLogger } from '../client/logger.ts';
import { type EncodedRecord, wireSize } from '../client/record-encoding.ts';

/** A call of `send`. It settles when all of its records are acknowledged or the first of them fails. */
interface Call {
  unacknowledged: number;
  failed: boolean;
  resolve(): void;
  reject(error: unknown): void;
}

interface QueuedRecord {
  topic: string;
  message: Message;
  bytes: number;
  call: Call;
}

// The size of a batch that brokers accept by default (message.max.bytes is 1,048,588), minus the overhead of the batch.
const largestRecord = 1_048_400;
// A request holds at most one batch per partition, so a request below the limit has only batches below it.
const largestRequest = 1_000_000;
const mostRecordsPerRequest = 1_000;

const tooLarge = new Set(['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']);
const producerLost = new Set([
  'OUT_OF_ORDER_SEQUENCE_NUMBER',
  'UNKNOWN_PRODUCER_ID',
  'INVALID_PRODUCER_EPOCH',
  'INVALID_PRODUCER_ID_MAPPING',
  'PRODUCER_FENCED',
]);

/**
 * One idempotent producer with one request in flight. When a request fails, kafkajs releases its sequence numbers and the next
 * request uses them before the retry: with several requests in flight the broker could take a retry for a duplicate of another
 * request's records and acknowledge it without writing it. Records that are sent during a request go into the next request.
 */
export class Sender {
  private readonly queue: QueuedRecord[] = [];
  private producer: Promise<Producer> | undefined;
  private working: Promise<void> | undefined;
  private closed = false;

  constructor(
    private readonly access: BrokerAccess,
    private readonly logger: EventLogLogger,
    private readonly retry: RetryOptions = longRetry,
  ) {}

  send(records: readonly EncodedRecord[]): Promise<void> {
    if (this.closed) return Promise.reject(new EventLogClosed('the event log is closed'));
    if (records.length === 0) return Promise.resolve();
    const sized = records.map((record) => ({ record, bytes: wireSize(record) }));
    const excess = sized.find(({ bytes }) => bytes > largestRecord);
    if (excess) return Promise.reject(new RecordTooLarge(excess.record.topic, excess.bytes));
    return new Promise((resolve, reject) => {
      const call = { unacknowledged: records.length, failed: false, resolve, reject };
      for (const { record, bytes } of sized) {
        const { topic, ...message } = record;
        this.queue.push({ topic, message, bytes, call });
      }
      this.working ??= this.work();
    });
  }

  /** Sends the records that were accepted, then disconnects. */
  async close(): Promise<void> {
    this.closed = true;
    await this.working;
    await this.closeProducer();
  }

  private async work(): Promise<void> {
    while (this.queue.length > 0) {
      const request = this.nextRequest();
      try {
        await this.deliver(request);
      } catch (error) {
        // A fault of the sender itself. All waiting calls fail, and the next request uses a new producer.
        await this.failAll(request, new EventLogUnavailable('records could not be sent', error));
      }
    }
    // In the same turn of the event loop in which the queue was empty: otherwise a record that is added in between would never be sent.
    this.working = undefined;
  }

  private nextRequest(): QueuedRecord[] {
    let bytes = 0;
    let count = 0;
    for (const waiting of this.queue) {
      if (count === mostRecordsPerRequest) break;
      if (count > 0 && bytes + waiting.bytes > largestRequest) break;
      bytes += waiting.bytes;
      count += 1;
    }
    // A later record of a failed call would leave a gap in the order of its key.
    return this.queue.splice(0, count).filter(({ call }) => !call.failed);
  }

  private async deliver(request: QueuedRecord[], renewals = 0): Promise<void> {
    if (request.length === 0) return;
    let acknowledged: RecordMetadata[];
    try {
      const producer = await this.connected();
      acknowledged = await producer.sendBatch({ acks: -1, topicMessages: byTopic(request) });
    } catch (error) {
      return this.recover(request, error, renewals);
    }
    // kafkajs omits partitions whose leader moved to a broker that had already responded. Only partitions in the response were written.
    const written = new Set(acknowledged.map((of) => `${of.topicName}/${of.partition}`));
    const isWritten = (of: QueuedRecord) => written.has(`${of.topic}/${of.message.partition}`);
    for (const waiting of request.filter(isWritten)) succeed(waiting.call);
    await this.deliver(request.filter((of) => !isWritten(of)));
  }

  private async recover(request: QueuedRecord[], error: unknown, renewals: number): Promise<void> {
    const type = protocolError(error);
    if (type === undefined || !isRejectedByBroker(error)) {
      return this.failAll(request, new EventLogUnavailable('records were not acknowledged', error));
    }
    if (producerLost.has(type) && renewals < 3) {
      this.logger.warn({ event: 'producer.renewed', reason: type }, 'the producer starts anew');
      await this.closeProducer();
      return this.deliver(request, renewals + 1);
    }
    const parts = split(request);
    if (parts.length > 1) {
      // Sequence numbers are per partition: if the failed request wrote a partition, the broker recognizes its separate retry as a duplicate.
      for (const part of parts) await this.deliver(part, renewals);
      return;
    }
    if (type === 'DUPLICATE_SEQUENCE_NUMBER') {
      for (const { call } of request) succeed(call);
      return;
    }
    if (tooLarge.has(type) && request.length > 1) {
      // No record of a batch that is too large was written, so it can be split.
      const middle = request.length >> 1;
      await this.deliver(request.slice(0, middle), renewals);
      await this.deliver(
        request.slice(middle).filter(({ call }) => !call.failed),
        renewals,
      );
      return;
    }
    for (const { topic, bytes, call } of request) {
      fail(
        call,
        tooLarge.has(type)
          ? new RecordTooLarge(topic, bytes)
          : new EventLogRefused(`topic ${topic} did not accept a record`, error),
      );
    }
  }

  /** Fails these records and all queued ones. Whether they were written is unknown, so the producer and its sequence numbers are discarded. */
  private async failAll(request: QueuedRecord[], error: EventLogUnavailable): Promise<void> {
    for (const { call } of [...request, ...this.queue.splice(0)]) fail(call, error);
    await this.closeProducer();
  }

  private connected(): Promise<Producer> {
    this.producer ??= this.connect();
    return this.producer;
  }

  private async connect(): Promise<Producer> {
    const producer = kafkaClient(this.access, this.logger, this.retry).producer({
      idempotent: true,
      createPartitioner: partitionOnce,
    });
    try {
      await producer.connect();
      return producer;
    } catch (error) {
      await producer.disconnect();
      throw error;
    }
  }

  private async closeProducer(): Promise<void> {
    const producer = this.producer;
    this.producer = undefined;
    try {
      await (await producer)?.disconnect();
    } catch (error) {
      this.logger.debug({ event: 'producer.disconnect_failed', error }, 'the producer is gone');
    }
  }
}

/** The murmur2 partitioner of Kafka clients. The choice is stored in the message: a retry must not move a record without a key. */
function partitionOnce() {
  const choose = Partitioners.DefaultPartitioner();
  return (args: Parameters<typeof choose>[0]) => (args.message.partition ??= choose(args));
}

function byTopic(request: readonly QueuedRecord[]) {
  const topics = Map.groupBy(request, ({ topic }) => topic);
  return [...topics].map(([topic, waiting]) => ({
    topic,
    messages: waiting.map(({ message }) => message),
  }));
}

function split(request: readonly QueuedRecord[]): QueuedRecord[][] {
  const parts = Map.groupBy(request, ({ topic, message }) => `${topic}/${message.partition}`);
  return [...parts.values()];
}

function succeed(call: Call): void {
  call.unacknowledged -= 1;
  if (call.unacknowledged === 0 && !call.failed) call.resolve();
}

function fail(call: Call, error: Error): void {
  call.failed = true;
  call.reject(error);
}
