import { setTimeout as delay } from 'node:timers/promises';

import { decode } from '../client/record-encoding.ts';
import { AssignedPartition, type BufferedRecord } from './assigned-partition.ts';
import { Commits } from './commits.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { type FetchedBatch, GroupMember, type TopicPartition } from './group-member.ts';
import { RecordBuffer } from './record-buffer.ts';
import { Semaphore } from './semaphore.ts';

export interface PartitionConsumerOptions extends ConsumerOptions {
  highWater: number;
  /** Most handlers running at once. */
  concurrency: number;
  /** Takes over a record, in the order of its partition. It is to be finished or dropped at some time. */
  accept(partition: AssignedPartition, held: BufferedRecord): void;
}

const commitAfterMs = 200;
// While the group rearranges itself every finished record that is still committed is one that nobody repeats.
const commitAfterWhileRebalancingMs = 10;
// How long a full consumer keeps a fetched batch at hand, before it lets the broker keep it and fetches it again.
const patienceMs = 100;
// Half of such a room takes longer to be worked off than a fetch waits for records.
const largeRoom = 1_000;
// A record that fails again and again holds the commit back while others go on; so far and no farther.
const longestSpan = 10_000;

/**
 * What keyed and batch consumption have in common: which partitions are ours, how many of their records are in memory,
 * and what of them may be committed.
 */
export class PartitionConsumer {
  // Closed while the group is rearranged, so that fewer records are handled twice.
  private readonly slots: Semaphore;
  private readonly room: RecordBuffer;
  private readonly member: GroupMember;
  private readonly commits: Commits;
  private readonly partitions = new Map<string, AssignedPartition>();
  private memberId: string | undefined;
  private fetches = 0;
  private rebalancing = false;
  private stopped = false;

  constructor(private readonly options: PartitionConsumerOptions) {
    const { log, groupId, topics, highWater, session = {} } = options;
    this.slots = new Semaphore(options.concurrency);
    this.room = new RecordBuffer(highWater, () => this.partitions.values());
    this.member = new GroupMember({
      access: log.access,
      logger: log.logger,
      groupId,
      topics,
      sessionTimeoutMs: session.timeoutMs ?? 10_000,
      heartbeatMs: session.heartbeatMs ?? 1_000,
      // What does not fit into the buffer is fetched and decoded again. A fetch brings of every partition: with a dozen of
      // them, and records of some hundred bytes, it is about as large as the buffer.
      maxBytesPerPartition: Math.min(1_048_576, Math.max(16_384, highWater * 64)),
      maxWaitMs: 200,
      events: {
        rebalancing: () => {
          this.onRebalancing();
        },
        assigned: (assigned, memberId) => {
          this.onAssigned(assigned, memberId);
        },
        lost: () => {
          this.onLost();
        },
        fetched: () => {
          this.onFetched();
        },
        batch: (batch) => this.onBatch(batch),
      },
    });
    this.commits = new Commits({
      member: this.member,
      partitions: () => this.partitions.values(),
      onFailure: (error) => {
        log.logger.debug({ event: 'commit.failed', groupId, error }, 'offsets were not committed');
      },
    });
  }

  /** Records in memory: accepted, and not yet finished or dropped. */
  get held(): number {
    return this.room.taken;
  }

  /** Whether the broker was heard of lately, as a member of the group. */
  get healthy(): boolean {
    return this.member.silence < 10_000;
  }

  start(): Promise<void> {
    return this.member.start();
  }

  /** Lets running handlers end, commits, and only then leaves the group. */
  async stop(): Promise<void> {
    if (!this.stopped) {
      this.stopped = true;
      this.commits.stop();
      this.slots.close();
      const drained = new AbortController();
      await Promise.race([
        this.slots.idle(),
        delay(this.options.drainMs ?? 10_000, undefined, { signal: drained.signal }).catch(
          () => undefined,
        ),
      ]);
      drained.abort();
      for (const partition of this.partitions.values()) partition.abort();
      await this.commits.last();
    }
    await this.member.stop();
  }

  /**
   * Waits until a handler may run for this key: there is a slot, and no handler has the key, be it since before a
   * rebalance. Resolves with what is to be called at the handler's end, or with `undefined` when the signal aborted.
   */
  async turn(key: string, signal: AbortSignal): Promise<(() => void) | undefined> {
    const { runningKeys } = this.options.log;
    for (;;) {
      await runningKeys.endOf(key);
      if (!(await this.slots.acquire(signal))) return undefined;
      if (!runningKeys.endOf(key)) break;
      this.slots.release();
    }
    const letGo = runningKeys.take(key);
    return () => {
      letGo();
      this.slots.release();
    };
  }

  /**
   * Runs what handles the records of a partition, and answers for it. It never fails by what a handler does; where it fails
   * nevertheless, the fault is in this process: the partition is given up, and the group joined again. What was not
   * finished comes again.
   *
   * @param dropped called after a failure, for the records that the work leaves behind
   */
  undertake(partition: AssignedPartition, work: Promise<void>, dropped: () => void): void {
    const { log, groupId } = this.options;
    work.catch((error: unknown) => {
      log.logger.error(
        { event: 'consumer.failed', groupId, topic: partition.topic, error },
        'the consumer has a fault and joins again',
      );
      const id = name(partition);
      if (this.partitions.get(id) === partition) this.revoke(id, partition);
      dropped();
      this.member.rejoin(error);
    });
  }

  /** The record was handled, or is safe on its dead letter topic. */
  finish(partition: AssignedPartition, held: BufferedRecord): void {
    partition.offsets.finish(held.place);
    this.room.release(partition);
    this.resumePaused();
    if (!partition.revoked) {
      this.commits.after(this.rebalancing ? commitAfterWhileRebalancingMs : commitAfterMs);
    }
  }

  /** The record's partition was revoked or the consumer stops: whoever owns the partition next gets it again. */
  drop(partition: AssignedPartition): void {
    this.room.release(partition);
    this.resumePaused();
  }

  private onRebalancing(): void {
    this.rebalancing = true;
    this.slots.close();
    this.commits.now();
  }

  private onAssigned(assigned: TopicPartition[], memberId: string): void {
    const ours = new Set(assigned.map(name));
    // As another member we were out of the group for a while, and what we hold may have been handled by someone else.
    const stayed = memberId === this.memberId;
    this.memberId = memberId;
    for (const [id, partition] of this.partitions) {
      if (!stayed || !ours.has(id)) this.revoke(id, partition);
    }
    for (const of of assigned) {
      const kept = this.partitions.get(name(of));
      if (!kept) this.add(of);
      // kafkajs would fetch again from the committed offset; what came since then is still here.
      else if (kept.offsets.received >= 0n) this.member.seek(of, kept.offsets.received + 1n);
    }
    this.rebalancing = false;
    if (!this.stopped) this.slots.open();
  }

  private add({ topic, partition }: TopicPartition): void {
    const added = new AssignedPartition(topic, partition);
    added.lastFetch = this.fetches;
    this.partitions.set(name(added), added);
  }

  private onLost(): void {
    this.slots.close();
    this.memberId = undefined;
    for (const [id, partition] of this.partitions) this.revoke(id, partition);
  }

  private revoke(id: string, partition: AssignedPartition): void {
    this.partitions.delete(id);
    partition.revoke();
    // kafkajs remembers a pause beyond the rebalance, and the partition may come back.
    if (partition.paused) this.member.resume(partition);
  }

  /** What a fetch brought nothing of is at its end, unless it was not asked for. */
  private onFetched(): void {
    for (const partition of this.partitions.values()) {
      if (!partition.paused && partition.lastFetch < this.fetches) partition.behind = false;
    }
    this.fetches += 1;
  }

  private async onBatch(batch: FetchedBatch): Promise<void> {
    const partition = this.partitions.get(name(batch));
    if (!partition || this.stopped) return;
    const fresh = batch.messages.filter(
      ({ offset }) => BigInt(offset) > partition.offsets.received,
    );
    const waitUntil = performance.now() + patienceMs;
    let accepted = 0;
    while (accepted < fresh.length && !partition.revoked) {
      const share = this.shareOf(partition);
      for (const message of fresh.slice(accepted, accepted + share)) {
        this.accept(partition, message);
        accepted += 1;
      }
      // Others that are behind get their turn, this one comes again with the next fetch.
      if (accepted > 0 && this.isAnotherBehind(partition)) break;
      if (accepted === fresh.length || performance.now() >= waitUntil) break;
      await this.room.untilWorthwhile(partition, waitUntil - performance.now());
    }
    if (partition.revoked || this.stopped) return;
    const complete = accepted === fresh.length;
    if (complete) partition.offsets.passOver(batch.lastOffset);
    partition.lastFetch = this.fetches;
    partition.behind = !complete || batch.lastOffset + 1n < batch.highWatermark;
    if (partition.offsets.received >= 0n) batch.resolve(partition.offsets.received);
    if (complete) this.commits.after(commitAfterMs);
    // Fetching is quick to go on and slow to be taken up again: it is paused where nothing moves, and where what is left to do
    // lasts until then. What was not accepted is otherwise fetched, and decoded, again for the few records there is room for.
    else if (accepted === 0 || (this.isLarge && !this.room.isWorthwhileFor(partition)))
      this.pause(partition);
  }

  private accept(partition: AssignedPartition, message: FetchedBatch['messages'][number]): void {
    const record = decode(partition.topic, partition.partition, message);
    this.room.take(partition);
    this.options.accept(partition, {
      record,
      message,
      place: partition.offsets.accept(record.offset),
    });
  }

  private get isLarge(): boolean {
    return this.options.highWater >= largeRoom;
  }

  private shareOf(partition: AssignedPartition): number {
    const left = longestSpan - partition.offsets.span;
    return Math.min(this.room.shareOf(partition), Math.max(0, left));
  }

  private isAnotherBehind(than: AssignedPartition): boolean {
    for (const other of this.partitions.values()) if (other !== than && other.behind) return true;
    return false;
  }

  private pause(partition: AssignedPartition): void {
    partition.paused = true;
    this.member.pause(partition);
  }

  private resumePaused(): void {
    for (const partition of this.partitions.values()) {
      if (!partition.paused || partition.offsets.span >= longestSpan) continue;
      if (!this.room.isWorthwhileFor(partition)) continue;
      partition.paused = false;
      // The fetch that is under way was asked for without it.
      partition.lastFetch = this.fetches + 1;
      this.member.resume(partition);
    }
  }
}

const name = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;
