import type { ConsumerOptions } from './consumer-options.ts';
import type { IncomingRecord } from './record.ts';

export interface BatchConsumerOptions extends ConsumerOptions {
  handle(
    records: IncomingRecord[],
    context: { topic: string; partition: number; signal: AbortSignal },
  ): Promise<void>;
}

/** Handles the records of a partition in batches, one batch after the other, partitions at once. */
export class BatchConsumer {
  constructor(readonly options: BatchConsumerOptions) {}

  start(): Promise<void> {
    return Promise.reject(new Error('being written'));
  }

  stop(): Promise<void> {
    return Promise.reject(new Error('being written'));
  }
}
