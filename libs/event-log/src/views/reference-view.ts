import { randomUUID } from 'node:crypto';

import type { FetchMark } from '../client/end-offset-requests.ts';
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

interface Waiter {
  /** The end offset to reach; `undefined` until the broker has responded. */
  target: bigint | undefined;
  reached: (offset: bigint) => void;
  failed: (error: unknown) => void;
}

interface CatchUpOptions {
  timeoutMs?: number | undefined;
  signal?: AbortSignal | undefined;
  after?: FetchMark | undefined;
}

const partition = 0;
// Heartbeats are sent between two fetches. No member ever joins the group of a view, so they only keep its session.
const maxWaitMs = 3_000;
const defaultTimeoutMs = 5_000;
const longestSilenceMs = 10_000;

/**
 * An in-memory copy of a compacted topic, rebuilt from the first record at every start: no offsets are committed. For each key
 * the entry with the highest revision is kept, in whatever order records arrive.
 */
export class ReferenceView<T> {
  private readonly values: ReferenceEntries<T>;
  private readonly member: GroupMember;
  private readonly waiting = new Set<Waiter>();
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
      heartbeatMs: maxWaitMs,
      maxBytesPerPartition: 1_048_576,
      maxWaitMs,
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
    await this.reach(() => Promise.resolve(ends.get(partition) ?? 0n));
  }

  /** Stops reading the topic; the entries stay readable. Pending calls of `catchUp` reject with EventLogClosed. */
  async stop(): Promise<void> {
    const closed = new EventLogClosed(`the view of ${this.options.topic} was stopped`);
    this.stopping.abort(closed);
    for (const waiter of this.waiting) waiter.failed(closed);
    await this.member.stop();
  }

  /**
   * Read index: requests the current end offset of the topic, waits until the view has applied all records before it, and
   * resolves with the offset reached. All records that were acknowledged before the call are visible after it.
   *
   * @param options `timeoutMs` (default 5,000) limits the whole call, including the request to the broker. With `after`, all
   * records are visible that were acknowledged before a record of that fetch was written; calls with the same mark share a request.
   * @throws ViewStale: the offset was not reached in time, or the broker did not respond. The signal's reason, if it aborted.
   * @throws EventLogClosed: the view was stopped.
   */
  async catchUp(options: CatchUpOptions = {}): Promise<bigint> {
    const { timeoutMs = defaultTimeoutMs, signal, after } = options;
    signal?.throwIfAborted();
    const limit: { target?: bigint } = {};
    try {
      return await this.reach(
        async () => (limit.target = await this.endOffset(after)),
        timeoutMs,
        signal,
      );
    } catch (error) {
      signal?.throwIfAborted();
      this.stopping.signal.throwIfAborted();
      if (limit.target !== undefined) this.missedTarget = limit.target;
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

  /** Requests the end offset now if it was not requested since the mark, so that a later `catchUp` with the mark finds it requested. */
  request(after: FetchMark): void {
    // `catchUp` gets the error of its own request.
    this.endOffset(after).catch(() => undefined);
  }

  private async endOffset(after: FetchMark | undefined): Promise<bigint> {
    const { log, topic } = this.options;
    return (await log.endOffsets(topic, after && { after })).get(partition) ?? 0n;
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
    for (const waiter of this.waiting) this.settle(waiter);
  }

  private settle({ target, reached }: Waiter): void {
    if (target !== undefined && target <= this.position) reached(this.position);
  }

  /**
   * Resolves with the position once it is at the end offset that is requested. Timers and listeners are removed at the end: this is called for
   * each batch of events, and combined abort signals would cost more than the rest of it.
   */
  private async reach(
    request: () => Promise<bigint>,
    timeoutMs?: number,
    signal?: AbortSignal,
  ): Promise<bigint> {
    this.stopping.signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<bigint>();
    const waiter: Waiter = { target: undefined, reached: resolve, failed: reject };
    const expire = () => {
      reject(new Error(`not reached within ${timeoutMs} ms`));
    };
    const abort = () => {
      reject(signal?.reason as Error);
    };
    const timer = timeoutMs === undefined ? undefined : setTimeout(expire, timeoutMs);
    signal?.addEventListener('abort', abort, { once: true });
    this.waiting.add(waiter);
    const receive = async () => {
      waiter.target = await request();
      this.settle(waiter);
    };
    receive().catch(reject);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      this.waiting.delete(waiter);
    }
  }
}
