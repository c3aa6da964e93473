import { randomUUID } from 'node:crypto';

import { EventLogClosed, TopicMismatch, ViewStale } from '../client/errors.ts';
import { decode } from '../client/record-encoding.ts';
import type { IncomingRecord } from '../client/record.ts';
import { type FetchedBatch, GroupMember } from '../consumer/group-member.ts';
import type { EventLog } from '../event-log.ts';
import { ReferenceEntries } from './reference-entries.ts';

export interface ReferenceViewOptions<T> {
  log: EventLog;
  /** A compacted topic of exactly one partition, whose entries carry `revision` and, once deleted, `deletedAt`. */
  topic: string;
  /** Makes an entry of the parsed JSON of a record; throws on what is none. Such a record is logged and passed over. */
  parse(value: unknown): T;
}

const partition = 0;
const defaultTimeoutMs = 5_000;
const silentTooLongMs = 10_000;

/**
 * A compacted topic held in memory, rebuilt from its first record at every start: nothing is committed. Of each key the
 * highest revision counts, whatever order records arrive in.
 */
export class ReferenceView<T> {
  private readonly known: ReferenceEntries<T>;
  private readonly member: GroupMember;
  private readonly waiting = new Set<{ target: bigint; reached(): void }>();
  private readonly stopping = new AbortController();
  private readonly heldBack: FetchedBatch[] = [];
  private holds = 0;
  private position = 0n;
  private missed: bigint | undefined;

  constructor(private readonly options: ReferenceViewOptions<T>) {
    const { log, topic } = options;
    this.known = new ReferenceEntries((value) => options.parse(value), log.logger);
    this.member = new GroupMember({
      access: log.access,
      logger: log.logger,
      // Nobody else is ever in this group, and the broker forgets it when we leave.
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
   * Resolves once everything is applied that was on the topic when this was called.
   *
   * @throws TopicMismatch: the topic has not exactly one partition.
   */
  async start(): Promise<void> {
    const { log, topic } = this.options;
    const ends = await log.endOffsets(topic);
    if (ends.size !== 1) {
      throw new TopicMismatch(topic, `has ${ends.size} partitions and a view needs exactly 1`);
    }
    await this.member.start();
    await this.reach(ends.get(partition) ?? 0n, this.stopping.signal);
  }

  /** Stops following; what was read stays readable. Whoever waits for the view hears that it is closed. */
  async stop(): Promise<void> {
    this.stopping.abort(new EventLogClosed(`the view of ${this.options.topic} was stopped`));
    await this.member.stop();
  }

  /**
   * Read index: asks the broker for the end of the topic as it is now, waits until the view has applied everything before
   * it, and resolves with the offset reached. Whatever was acknowledged before the call is seen after it.
   *
   * @param options `timeoutMs` (default 5,000) bounds the whole call, the asking included.
   * @throws ViewStale: not reached in time, or the broker could not be asked. The reason of the signal, when it aborted.
   * @throws EventLogClosed: the view was stopped.
   */
  async catchUp({
    timeoutMs = defaultTimeoutMs,
    signal,
  }: { timeoutMs?: number; signal?: AbortSignal } = {}): Promise<bigint> {
    signal?.throwIfAborted();
    const ends = [
      AbortSignal.timeout(timeoutMs),
      this.stopping.signal,
      ...(signal ? [signal] : []),
    ];
    const given = AbortSignal.any(ends);
    let target: bigint | undefined;
    try {
      target = await endedBy(given, () => this.end());
      await this.reach(target, given);
      return this.position;
    } catch (error) {
      signal?.throwIfAborted();
      this.stopping.signal.throwIfAborted();
      if (target !== undefined) this.missed = target;
      throw new ViewStale(this.options.topic, this.position, error);
    }
  }

  /** The entry of a key, or `undefined` when there is none or it was deleted. */
  get(key: string): T | undefined {
    return this.known.get(key);
  }

  /** All entries that are not deleted. */
  entries(): IterableIterator<[string, T]> {
    return this.known.entries();
  }

  /** The offset before which everything was applied. */
  get offset(): bigint {
    return this.position;
  }

  /** `false` while the view cannot follow: the broker is silent for 10 s, or a catch-up was missed and still is. */
  get healthy(): boolean {
    if (this.missed !== undefined && this.position < this.missed) return false;
    return this.member.silence < silentTooLongMs;
  }

  /** Calls the listener after each change with the new entry, or with `undefined` for a deletion. Returns how to end it. */
  onChange(listener: (key: string, value: T | undefined) => void): () => void {
    return this.known.onChange(listener);
  }

  /** For tests: keeps the view where it is, however far the topic goes on, until the returned function is called. */
  hold(): () => void {
    this.holds += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.holds -= 1;
      if (this.holds === 0) for (const batch of this.heldBack.splice(0)) this.apply(batch);
    };
  }

  private async end(): Promise<bigint> {
    const { log, topic } = this.options;
    return (await log.endOffsets(topic)).get(partition) ?? 0n;
  }

  private onBatch(batch: FetchedBatch): void {
    batch.resolve(batch.lastOffset);
    if (this.holds > 0) this.heldBack.push(batch);
    else this.apply(batch);
  }

  private apply(batch: FetchedBatch): void {
    for (const message of batch.messages) {
      const record: IncomingRecord = decode(batch.topic, batch.partition, message);
      if (record.offset >= this.position) this.known.apply(record);
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
    await endedBy(signal, () => promise).finally(() => this.waiting.delete(waiter));
  }
}

/** What was begun, or the signal's reason if that comes first. Nothing is begun when the signal has aborted already. */
async function endedBy<R>(signal: AbortSignal, begin: () => Promise<R>): Promise<R> {
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const abort = () => {
    reject(signal.reason as Error);
  };
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([begin(), aborted]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
