import type { KafkaMessage } from 'kafkajs';

import type { FetchMark } from '../client/end-offset-requests.ts';
import type { IncomingRecord } from '../client/record.ts';
import type { FetchedBatch, TopicPartition } from './group-member.ts';
import { OffsetTracker, type TrackedOffset } from './offset-tracker.ts';
import type { BufferUser } from './record-buffer.ts';

/** A record that was accepted for handling and is not finished. */
export interface BufferedRecord {
  readonly record: IncomingRecord;
  /** The original message, for the dead letter: its key and headers may not be valid UTF-8. */
  readonly message: KafkaMessage;
  readonly trackedOffset: TrackedOffset;
  /** The mark of the fetch that brought it. */
  readonly fetchMark: FetchMark;
}

/** How many records of a partition its consumer has not finished. */
export interface PartitionLag extends TopicPartition {
  records: number;
}

/** The state of a partition during one assignment. A new assignment of the same partition gets a new instance. */
export class AssignedPartition implements TopicPartition, BufferUser {
  readonly offsets = new OffsetTracker();
  /** The last committed offset. */
  committed: bigint | undefined;
  buffered = 0;
  // True until a fetch returns nothing for this partition.
  behind = true;
  /** The number of the last fetch that returned records of this partition. */
  lastFetch = 0;
  paused = false;
  revoked = false;
  /** The last fetch that returned records: the offset of its first one, and the end of the partition at that time. */
  private fetched: { from: bigint; end: bigint } | undefined;
  private readonly abortController = new AbortController();

  constructor(
    readonly topic: string,
    readonly partition: number,
  ) {}

  /** Aborts when the partition is revoked, or when a stopping consumer no longer waits for its handlers. */
  get signal(): AbortSignal {
    return this.abortController.signal;
  }

  abort(): void {
    this.abortController.abort();
  }

  revoke(): void {
    this.revoked = true;
    this.abortController.abort();
  }

  /**
   * The number of offsets that are not finished, as of the last fetch; undefined before the first one. Offsets without a record (of
   * transactions, or of compacted topics) count until they are read.
   */
  get lag(): number | undefined {
    const { received, next = this.fetched?.from } = this.offsets;
    if (next === undefined) return this.behind ? undefined : 0;
    const end = this.behind && this.fetched ? this.fetched.end : received + 1n;
    return Math.max(0, Number(end - next));
  }

  /**
   * Records of it were fetched.
   * @param fetch the number of the fetch
   * @param complete whether all of them were accepted
   */
  arrived(batch: FetchedBatch, fetch: number, complete: boolean): void {
    const [first] = batch.messages;
    if (first) this.fetched = { from: BigInt(first.offset), end: batch.highWatermark };
    this.lastFetch = fetch;
    this.behind = !complete || batch.lastOffset + 1n < batch.highWatermark;
  }

  /** The offset to commit, or `undefined` if it did not change since the last commit. */
  get due(): bigint | undefined {
    const { next } = this.offsets;
    return next === this.committed ? undefined : next;
  }
}
