import { type CustomTransportStrategy, Server } from '@nestjs/microservices';

import type { ConsumerOptions } from './consumer-options.ts';

export interface EventLogTransportOptions extends Omit<ConsumerOptions, 'topics'> {
  concurrency?: number;
}

/** Nest's way to the event log: `@EventPattern(topic)` is keyed, `@EventPattern(topic, { shape: 'batch' })` takes batches. */
export class EventLogTransport extends Server implements CustomTransportStrategy {
  constructor(readonly options: EventLogTransportOptions) {
    super();
  }

  listen(callback: (error?: unknown) => void): void {
    callback(new Error('being written'));
  }

  async close(): Promise<void> {}

  on(): never {
    throw new Error('an event log transport has no events');
  }

  unwrap(): never {
    throw new Error('what this transport is made with is in its options');
  }
}
