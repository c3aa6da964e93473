import { HttpException } from '@nestjs/common';
import { type CustomTransportStrategy, type MessageHandler, Server } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';

import type { FetchMark } from '../client/end-offset-requests.ts';
import { RecordUnreadable } from '../client/errors.ts';
import type { IncomingRecord } from '../client/record.ts';
import type { PartitionLag } from './assigned-partition.ts';
import { BatchConsumer } from './batch-consumer.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { EventLogContext } from './event-log-context.ts';
import { originalFailure } from './handler-failures.interceptor.ts';
import { KeyedConsumer } from './keyed-consumer.ts';
import type { FailureAction, RetryPolicy } from './retry-policy.ts';

export interface EventLogTransportOptions extends Omit<ConsumerOptions, 'topics'> {
  /** Maximum number of keyed handlers that run at the same time. Default 16. */
  concurrency?: number;
  /** Maximum number of records in a batch. Default 500. */
  maxBatch?: number;
  /** Called once for each fetch that brought records of a batch topic, before any of them is handled. Must not throw. */
  onFetch?: (mark: FetchMark) => void;
}

/**
 * The Nest transport of the event log. A method with `@OnRecord(topic)` handles records by key: its payload is the parsed JSON of
 * the value, its `@Ctx()` an {@link EventLogContext}. With `@OnBatch(topic)` its payload is an array of records of one
 * partition. `@EventPattern(topic)` and `@EventPattern(topic, { shape: 'batch' })` do the same if the
 * service registers a validation pipe and {@link HandlerFailures}. A record that a pipe rejects is dead-lettered without a retry.
 *
 * Keyed topics are consumed as group `groupId`, batch topics as `<groupId>-batch`: all members of a group read the same topics.
 */
export class EventLogTransport extends Server implements CustomTransportStrategy {
  override readonly propagatesEventHandlerErrors = true;
  private readonly consumers: (KeyedConsumer | BatchConsumer)[] = [];

  constructor(private readonly options: EventLogTransportOptions) {
    super();
  }

  /** Whether every consumer had contact with the broker within the last 10 s. */
  get healthy(): boolean {
    return this.consumers.every(({ healthy }) => healthy);
  }

  /** The lag of each partition that is assigned to this process and was fetched at least once. */
  get lags(): PartitionLag[] {
    return this.consumers.flatMap(({ lags }) => lags);
  }

  /** Called by Nest; calls back when this process has joined its groups. */
  async listen(callback: (error?: unknown) => void): Promise<void> {
    try {
      await this.start();
    } catch (error) {
      callback(error);
      return;
    }
    callback();
  }

  /** Called by Nest; waits for running handlers, commits, and leaves the groups. */
  async close(): Promise<void> {
    await Promise.all(this.consumers.map((consumer) => consumer.stop()));
  }

  on(): never {
    throw new Error('the event log transport emits no events');
  }

  unwrap(): never {
    throw new Error('the event log transport does not expose its client');
  }

  private async start(): Promise<void> {
    const topics = { keyed: [] as string[], batch: [] as string[] };
    for (const [topic, handler] of this.messageHandlers) {
      if (!handler.isEventHandler)
        throw new Error(
          `${topic} has a request-response handler; only event handlers are supported`,
        );
      topics[handler.extras?.shape === 'batch' ? 'batch' : 'keyed'].push(topic);
    }
    const options = { ...this.options, retry: rejectingInvalid(this.options.retry) };
    if (topics.keyed.length > 0) {
      this.consumers.push(
        new KeyedConsumer({
          ...options,
          topics: topics.keyed,
          handle: (record, { signal }) =>
            this.handle(payloadOf(record), new EventLogContext([record, signal])),
        }),
      );
    }
    if (topics.batch.length > 0) {
      this.consumers.push(
        new BatchConsumer({
          ...options,
          groupId: `${options.groupId}-batch`,
          topics: topics.batch,
          handle: async (records, { signal, fetchMark }) => {
            const [first] = records;
            if (first) await this.handle(records, new EventLogContext([first, signal, fetchMark]));
          },
        }),
      );
    }
    await Promise.all(this.consumers.map((consumer) => consumer.start()));
  }

  private async handle(payload: unknown, context: EventLogContext): Promise<void> {
    const { topic } = context.record;
    const handler: MessageHandler | null = this.getHandlerByPattern(topic);
    if (!handler) throw new RecordUnreadable(`there is no handler for ${topic}`);
    try {
      const result: unknown = await handler(payload, context);
      if (isObservable(result)) await lastValueFrom(result, { defaultValue: undefined });
    } catch (thrown) {
      throw originalFailure(thrown);
    }
  }
}

function payloadOf({ value }: IncomingRecord): unknown {
  if (value === null) return null;
  try {
    return JSON.parse(value.toString());
  } catch (error) {
    throw new RecordUnreadable('the value is not JSON', error);
  }
}

/** The validation pipes of Nest throw HTTP errors without `retriable`. An invalid record stays invalid, so it is rejected. */
function rejectingInvalid(policy: RetryPolicy = {}): RetryPolicy {
  const classify = (error: unknown): FailureAction | undefined => {
    const action = policy.classify?.(error);
    if (action) return action;
    const status = error instanceof HttpException ? error.getStatus() : undefined;
    return status === 400 || status === 422 ? 'reject' : undefined;
  };
  return { ...policy, classify };
}
