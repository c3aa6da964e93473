import { randomUUID } from 'node:crypto';

import { afterEach } from 'vitest';

import { silentLogger } from '../../src/client/logger.ts';
import { deadLetterTopic, type IncomingRecord } from '../../src/client/record.ts';
import { BatchConsumer, type BatchConsumerOptions } from '../../src/consumer/batch-consumer.ts';
import { KeyedConsumer, type KeyedConsumerOptions } from '../../src/consumer/keyed-consumer.ts';
import { EventLog } from '../../src/event-log.ts';
import { ReferenceView, type ReferenceViewOptions } from '../../src/views/reference-view.ts';
import { Recorder } from './recorder.ts';
import type { BrokerUnderTest } from './test-broker.ts';

/** Short times, for tests that remove members. */
const session = { timeoutMs: 2_000, heartbeatMs: 200 };

type Optional<T, K extends keyof T> = Omit<T, K> & Partial<Pick<T, K>>;

/** Creates what the tests of one area use, and removes it after each test. */
export class Workbench {
  private readonly cleanups: (() => Promise<void>)[] = [];

  constructor(private readonly broker: BrokerUnderTest) {
    afterEach(async () => {
      for (const cleanup of this.cleanups.splice(0).toReversed()) await cleanup();
    });
  }

  log(logger = silentLogger): EventLog {
    const log = new EventLog({ brokers: [this.broker().brokers], clientId: 'conformance', logger });
    this.cleanups.push(() => log.close());
    return log;
  }

  /** A new topic for one test. */
  async topic(log: EventLog, partitions = 6, compacted = false): Promise<string> {
    const topic = `topic-${randomUUID()}`;
    await log.ensureTopics([{ topic, partitions, compacted }]);
    return topic;
  }

  keyed(options: Optional<KeyedConsumerOptions, 'groupId'>): KeyedConsumer {
    const consumer = new KeyedConsumer({ groupId: randomUUID(), session, ...options });
    this.cleanups.push(() => consumer.stop());
    return consumer;
  }

  batch(options: Optional<BatchConsumerOptions, 'groupId'>): BatchConsumer {
    const consumer = new BatchConsumer({ groupId: randomUUID(), session, ...options });
    this.cleanups.push(() => consumer.stop());
    return consumer;
  }

  view<T>(options: ReferenceViewOptions<T>): ReferenceView<T> {
    const view = new ReferenceView(options);
    this.cleanups.push(() => view.stop());
    return view;
  }

  /** All present and future records of a topic, in the order of its partitions. */
  async reader(log: EventLog, topic: string): Promise<Recorder<IncomingRecord>> {
    const records = new Recorder<IncomingRecord>();
    const consumer = this.batch({
      log,
      topics: [topic],
      handle: (batch) => {
        for (const record of batch) records.add(record);
        return Promise.resolve();
      },
    });
    await consumer.start();
    return records;
  }

  /** The dead letters of a topic. */
  async deadLetters(log: EventLog, topic: string): Promise<Recorder<IncomingRecord>> {
    await log.ensureTopics([{ topic: deadLetterTopic(topic), partitions: 1 }]);
    return this.reader(log, deadLetterTopic(topic));
  }

  /** Registers an action that runs after the test, whether it passes or fails. */
  cleanup(action: () => Promise<void>): void {
    this.cleanups.push(action);
  }
}
