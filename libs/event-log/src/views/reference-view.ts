import { randomUUID } from 'node:crypto';

import { EventLogClosed, TopicMismatch, ViewStale } from '../client/errors.ts';
import { decode } from '../client/record-encoding.ts';
import type { IncomingRecord } from '../client/record.ts';
import { type FetchedBatch, GroupMember } from '../consumer/group-member.ts';
import type { EventLog } from '../event-log.ts';
import { ReferenceEntries } from './reference-entries.ts';

export interface ReferenceViewOptions<T> {
  log: EventLog;
  /** A compacted topic of exactly one partition. Its entries have `revision` and, after a deletion, `deletedAt`. */
  topic: string;
  /** Validates the parsed JSON of a record; throws if it is invalid. Such a record is logged and skipped. */
  parse(value: unknown): T;
}

const partition = 0;
const defaultTimeoutMs = 5_000;
const longestSilenceMs = 10_000;

/**
 * An in-memory copy of a compacted topic, rebuilt from the first record at every start: no offsets are committed. For each key
 * the entry with the highest revision is kept, in whatever order records arrive.
 */
export class ReferenceView<T> {
  private readonly values: ReferenceEntries<T>;
  private readonly member: GroupMember;
  private readonly waiting = new Set<{ target: bigint; reached(): void }>();
  private readonly stopping = new AbortController();
  private readonly postponed: FetchedBatch[] = [];
  private pauses = 0;
  private position = 0n;
  private missedTarget: bigint | undefined;

  constructor(private readonly options: ReferenceViewOptions<T>) {
    const { log, topic } = options;
    this.values = new ReferenceEntries((value) => options.parse(value), log.logger);
    this.member = new GroupMember({
      access: log.access,
      logger: log.logger,
      // No other member ever joins this group, and the broker removes it when the view leaves.
      groupId: `${log.access.clientId}.view.${topic}.${randomUUID()}`,
      topics: [topic],
      sessionTimeoutMs: 10_000,
      heartbeatMs: 1_000,
      maxBytesPerPartition: 1_048_576,
      maxWaitMs: 200,
      events: {
        rebalancing: () => undefined,
        assigned: () => {
          if (this.position > 0n) this.member.seek({ topic, partition }, this.position);
        },
        lost: () => undefined,
        fetched: () => undefined,
        batch: (batch) => {
          this.onBatch(batch);
          return Promise.resolve();
        },
      },
    });
  }

  /**
   * Resolves when all records are applied that were on the topic at the time of the call.
   *
   * @throws TopicMismatch: the topic does not have exactly one partition.
   */
  async start(): Promise<void> {
    const { log, topic } = this.options;
    const ends = await log.endOffsets(topic);
    if (ends.size !== 1) {
      throw new TopicMismatch(topic, `has ${ends.size} partitions and a view requires exactly 1`);
    }
    await this.member.start();
    await this.reach(ends.get(partition) ?? 0n, this.stopping.signal);
  }

  /** Stops reading the topic; the entries stay readable. Pending calls of `catchUp` reject with EventLogClosed. */
  async stop(): Promise<void> {
    this.stopping.abort(new EventLogClosed(`the view of ${this.options.topic} was stopped`));
    await this.member.stop();
  }

  /**
   * Read index: requests the current end offset of the topic, waits until the view has applied all records before it, and
   * resolves with the offset reached. All records that were acknowledged before the call are visible after it.
   *
   * @param options `timeoutMs` (default 5,000) limits the whole call, including the request to the broker.
   * @throws ViewStale: the offset was not reached in time, or the broker did not respond. The signal's reason, if it aborted.
   * @throws EventLogClosed: the view was stopped.
   */
  async catchUp({
    timeoutMs = defaultTimeoutMs,
    signal,
  }: { timeoutMs?: number; signal?: AbortSignal } = {}): Promise<bigint> {
    signal?.throwIfAborted();
    const signals = [
      AbortSignal.timeout(timeoutMs),
      this.stopping.signal,
      ...(signal ? [signal] : []),
    ];
    const anySignal = AbortSignal.any(signals);
    let target: bigint | undefined;
    try {
      target = await beforeAbort(anySignal, () => this.endOffset());
      await this.reach(target, anySignal);
      return this.position;
    } catch (error) {
      signal?.throwIfAborted();
      this.stopping.signal.throwIfAborted();
      if (target !== undefined) this.missedTarget = target;
      throw new ViewStale(this.options.topic, this.position, error);
    }
  }

  /** The entry of a key, or `undefined` if there is none or it was deleted. */
  get(key: string): T | undefined {
    return this.values.get(key);
  }

  /** All entries that are not deleted. */
  entries(): IterableIterator<[string, T]> {
    return this.values.entries();
  }

  /** All records before this offset are applied. */
  get offset(): bigint {
    return this.position;
  }

  /** `false` while the view is behind: no contact with the broker for 10 s, or the target of a failed `catchUp` is not reached yet. */
  get healthy(): boolean {
    if (this.missedTarget !== undefined && this.position < this.missedTarget) return false;
    return this.member.silenceMs < longestSilenceMs;
  }

  /** Calls the listener after each change with the new entry, or with `undefined` for a deletion. Returns a function that removes it. */
  onChange(listener: (key: string, value: T | undefined) => void): () => void {
    return this.values.onChange(listener);
  }

  /** Applies no further records until the returned function is called: the view stays at its present offset. */
  pause(): () => void {
    this.pauses += 1;
    let paused = true;
    return () => {
      if (!paused) return;
      paused = false;
      this.pauses -= 1;
      if (this.pauses === 0) for (const batch of this.postponed.splice(0)) this.apply(batch);
    };
  }

  private async endOffset(): Promise<bigint> {
    const { log, topic } = this.options;
    return (await log.endOffsets(topic)).get(partition) ?? 0n;
  }

  private onBatch(batch: FetchedBatch): void {
    batch.resolve(batch.lastOffset);
    if (this.pauses > 0) this.postponed.push(batch);
    else this.apply(batch);
  }

  private apply(batch: FetchedBatch): void {
    for (const message of batch.messages) {
      const record: IncomingRecord = decode(batch.topic, batch.partition, message);
      if (record.offset >= this.position) this.values.apply(record);
    }
    if (batch.lastOffset + 1n > this.position) this.position = batch.lastOffset + 1n;
    for (const waiter of this.waiting) {
      if (waiter.target <= this.position) waiter.reached();
    }
  }

  private async reach(target: bigint, signal: AbortSignal): Promise<void> {
    if (this.position >= target) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const waiter = { target, reached: resolve };
    this.waiting.add(waiter);
    await beforeAbort(signal, () => promise).finally(() => this.waiting.delete(waiter));
  }
}

/** Resolves with the result of the work, or rejects with the signal's reason if it aborts first. The work does not start after an abort. */
async function beforeAbort<R>(signal: AbortSignal, start: () => Promise<R>): Promise<R> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => {
    reject(signal.reason as Error);
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([start(), aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
