import type { KafkaMessage } from 'kafkajs';

import type { IncomingRecord } from '../client/record.ts';
import type { TopicPartition } from './group-member.ts';
import { OffsetTracker, type TrackedOffset } from './offset-tracker.ts';
import type { BufferUser } from './record-buffer.ts';

/** A record that was accepted and is not finished. */
export interface BufferedRecord {
  readonly record: IncomingRecord;
  /** As it came, for the dead letters: its key and headers need not be UTF-8. */
  readonly message: KafkaMessage;
  readonly place: TrackedOffset;
}

/** One partition for as long as one assignment lasts; after it was revoked, a new assignment starts with a new one. */
export class AssignedPartition implements TopicPartition, BufferUser {
  readonly offsets = new OffsetTracker();
  /** The offset that was committed last. */
  committed: bigint | undefined;
  held = 0;
  // Until a fetch went by without it.
  behind = true;
  /** Which fetch brought something of it last. */
  lastFetch = 0;
  paused = false;
  revoked = false;
  private readonly ending = new AbortController();

  constructor(
    readonly topic: string,
    readonly partition: number,
  ) {}

  /** Aborts when the partition is revoked, or the consumer stops and does not wait any longer. */
  get signal(): AbortSignal {
    return this.ending.signal;
  }

  abort(): void {
    this.ending.abort();
  }

  revoke(): void {
    this.revoked = true;
    this.ending.abort();
  }

  /** What is due to be committed, if it changed since the last time. */
  get due(): bigint | undefined {
    const { next } = this.offsets;
    return next === this.committed ? undefined : next;
  }
}
