import type { ConsumerOptions } from './consumer-options.ts';
import type { IncomingRecord } from './record.ts';

export interface KeyedConsumerOptions extends ConsumerOptions {
  handle(record: IncomingRecord, context: { signal: AbortSignal }): Promise<void>;
  /** Most handlers running at once. Default 16. `highWater` is twice this by default. */
  concurrency?: number;
}

/** Handles the records of a key one after the other, and those of different keys at once. */
export class KeyedConsumer {
  constructor(readonly options: KeyedConsumerOptions) {}

  start(): Promise<void> {
    return Promise.reject(new Error('being written'));
  }

  stop(): Promise<void> {
    return Promise.reject(new Error('being written'));
  }
}
