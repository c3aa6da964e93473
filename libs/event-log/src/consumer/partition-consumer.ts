import { setTimeout as delay } from 'node:timers/promises';

import { decode } from '../client/record-encoding.ts';
import { AssignedPartition, type BufferedRecord } from './assigned-partition.ts';
import { Commits } from './commits.ts';
import type { ConsumerOptions } from './consumer-options.ts';
import { FetchMarks, type FetchMarksOptions } from './fetch-marks.ts';
import { type FetchedBatch, GroupMember, type TopicPartition } from './group-member.ts';
import { RecordBuffer } from './record-buffer.ts';
import { Semaphore } from './semaphore.ts';

export interface PartitionConsumerOptions extends ConsumerOptions {
  highWater: number;
  /** Maximum number of handlers that run at the same time. */
  concurrency: number;
  /** Called for each record, in the order of its partition. The callee later calls `finish` or `drop` for it. */
  accept(partition: AssignedPartition, buffered: BufferedRecord): void;
  onFetch?: FetchMarksOptions['onFetch'];
}

const commitAfterMs = 200;
// During a rebalance every finished record that is committed in time is not handled again by another member.
const commitAfterWhileRebalancingMs = 10;
// How long a full consumer keeps a fetched batch, before it drops the batch and fetches it again later.
const fetchedBatchWaitMs = 100;
// From this capacity on, handling half of the buffered records takes longer than a fetch waits while a partition is paused.
const largeBuffer = 1_000;
// A record that keeps failing delays the commit while later records are handled: at most this many.
const maxUncommittedRecords = 10_000;

/**
 * The common part of the keyed and the batch consumer: the assigned partitions, the number of their records in memory,
 * and the offsets to commit.
 */
export class PartitionConsumer {
  // Closed during a rebalance, so that fewer records are handled twice.
  private readonly semaphore: Semaphore;
  private readonly buffer: RecordBuffer;
  private readonly member: GroupMember;
  private readonly commits: Commits;
  private readonly marks: FetchMarks;
  /** The assigned partitions, by topic and number. */
  readonly partitions = new Map<string, AssignedPartition>();
  private memberId: string | undefined;
  private fetches = 0;
  private rebalancing = false;
  private stopped = false;

  constructor(private readonly options: PartitionConsumerOptions) {
    const { log, groupId, topics, highWater, session = {} } = options;
    const { timeoutMs: sessionTimeoutMs = 10_000, heartbeatMs = 1_000 } = session;
    this.marks = new FetchMarks(options);
    this.semaphore = new Semaphore(options.concurrency);
    this.buffer = new RecordBuffer(highWater, () => this.partitions.values());
    this.member = new GroupMember({
      access: log.access,
      logger: log.logger,
      groupId,
      topics,
      sessionTimeoutMs,
      heartbeatMs,
      // Records that do not fit into the buffer are fetched and decoded again. A fetch returns records of every partition: with a
      // dozen partitions, and records of some hundred bytes, it is about as large as the buffer.
      maxBytesPerPartition: Math.min(1_048_576, Math.max(16_384, highWater * 64)),
      // kafkajs sends a heartbeat only between two fetches.
      maxWaitMs: heartbeatMs,
      events: {
        rebalancing: () => this.onRebalancing(),
        assigned: (assigned, memberId) => this.onAssigned(assigned, memberId),
        lost: () => this.onLost(),
        fetched: () => this.onFetched(),
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

  /** The number of records in memory: accepted, and neither finished nor dropped. */
  get bufferedCount(): number {
    return this.buffer.count;
  }

  /** Whether there was contact with the broker within the last 10 s, as a member of the group. */
  get healthy(): boolean {
    return this.member.silenceMs < 10_000;
  }

  start(): Promise<void> {
    return this.member.start();
  }

  /** Waits for running handlers (at most `drainMs`), commits, and then leaves the group. */
  async stop(): Promise<void> {
    if (!this.stopped) {
      this.stopped = true;
      this.commits.stop();
      this.semaphore.close();
      const drained = new AbortController();
      await Promise.race([
        this.semaphore.idle(),
        delay(this.options.drainMs ?? 10_000, undefined, { signal: drained.signal }).catch(
          () => undefined,
        ),
      ]);
      drained.abort();
      for (const partition of this.partitions.values()) partition.abort();
      await this.commits.commitBeforeStop();
    }
    await this.member.stop();
  }

  /**
   * Waits until a handler may run for this key: the semaphore grants a permit, and no other handler of the key is running, not even
   * one from before a rebalance. Resolves with the function to call when the handler ends, or with `undefined` after an abort.
   */
  async acquireKey(key: string, signal: AbortSignal): Promise<(() => void) | undefined> {
    const { runningKeys } = this.options.log;
    for (;;) {
      await runningKeys.endOf(key);
      if (!(await this.semaphore.acquire(signal))) return undefined;
      if (!runningKeys.endOf(key)) break;
      this.semaphore.release();
    }
    const releaseKey = runningKeys.acquire(key);
    return () => {
      releaseKey();
      this.semaphore.release();
    };
  }

  /**
   * Supervises the work that handles the records of a partition. A failing handler does not reject it, so a rejection is a fault
   * of this process: the partition is revoked, and the consumer joins its group again. Records that were not
   * finished are fetched again.
   *
   * @param dropped called after a rejection, to drop the remaining records
   */
  supervise(partition: AssignedPartition, work: Promise<void>, dropped: () => void): void {
    const { log, groupId } = this.options;
    work.catch((error: unknown) => {
      log.logger.error(
        { event: 'consumer.failed', groupId, topic: partition.topic, error },
        'the consumer has a fault and joins its group again',
      );
      const id = name(partition);
      if (this.partitions.get(id) === partition) this.revoke(id, partition);
      dropped();
      this.member.rejoin(error);
    });
  }

  /** The record was handled, or is stored on its dead letter topic. */
  finish(partition: AssignedPartition, buffered: BufferedRecord): void {
    partition.offsets.finish(buffered.trackedOffset);
    this.buffer.remove(partition);
    this.resumePaused();
    if (!partition.revoked) {
      this.commits.schedule(this.rebalancing ? commitAfterWhileRebalancingMs : commitAfterMs);
    }
  }

  /** The partition was revoked or the consumer stops: the next member with this partition gets the record again. */
  drop(partition: AssignedPartition): void {
    this.buffer.remove(partition);
    this.resumePaused();
  }

  private onRebalancing(): void {
    this.rebalancing = true;
    this.semaphore.close();
    this.commits.commitNow();
  }

  private onAssigned(assigned: TopicPartition[], memberId: string): void {
    const ours = new Set(assigned.map(name));
    // A new member id means that this member had left the group: another member may have handled the buffered records.
    const stayed = memberId === this.memberId;
    this.memberId = memberId;
    for (const [id, partition] of this.partitions) {
      if (!stayed || !ours.has(id)) this.revoke(id, partition);
    }
    for (const of of assigned) {
      const kept = this.partitions.get(name(of));
      if (!kept) this.add(of);
      // kafkajs would fetch again from the committed offset, but the records since then are still in memory.
      else if (kept.offsets.received >= 0n) this.member.seek(of, kept.offsets.received + 1n);
    }
    this.rebalancing = false;
    if (!this.stopped) this.semaphore.open();
  }

  private add({ topic, partition }: TopicPartition): void {
    const added = new AssignedPartition(topic, partition);
    added.lastFetch = this.fetches;
    this.partitions.set(name(added), added);
  }

  private onLost(): void {
    this.semaphore.close();
    this.memberId = undefined;
    for (const [id, partition] of this.partitions) this.revoke(id, partition);
  }

  private revoke(id: string, partition: AssignedPartition): void {
    this.partitions.delete(id);
    partition.revoke();
    // kafkajs keeps a partition paused over a rebalance, and the partition may be assigned again.
    if (partition.paused) this.member.resume(partition);
  }

  /** A partition without records in the last fetch is at its end, unless it was paused. */
  private onFetched(): void {
    for (const partition of this.partitions.values()) {
      if (!partition.paused && partition.lastFetch < this.fetches) partition.behind = false;
    }
    this.fetches += 1;
    this.marks.returned();
  }

  private async onBatch(batch: FetchedBatch): Promise<void> {
    const partition = this.partitions.get(name(batch));
    if (!partition || this.stopped) return;
    const fresh = batch.messages.filter(
      ({ offset }) => BigInt(offset) > partition.offsets.received,
    );
    const waitUntil = performance.now() + fetchedBatchWaitMs;
    let accepted = 0;
    while (accepted < fresh.length && !partition.revoked) {
      const share = this.shareOf(partition);
      for (const message of fresh.slice(accepted, accepted + share)) {
        this.accept(partition, message);
        accepted += 1;
      }
      // Other partitions that are behind get their share; the rest of this batch comes with the next fetch.
      if (accepted > 0 && this.isAnotherBehind(partition)) break;
      if (accepted === fresh.length || performance.now() >= waitUntil) break;
      await this.buffer.untilCapacityFor(partition, waitUntil - performance.now());
    }
    if (partition.revoked || this.stopped) return;
    const complete = accepted === fresh.length;
    if (complete) partition.offsets.skipTo(batch.lastOffset);
    partition.arrived(batch, this.fetches, complete);
    if (partition.offsets.received >= 0n) batch.resolve(partition.offsets.received);
    if (complete) this.commits.schedule(commitAfterMs);
    // Resuming a paused partition is slow, up to the time that a fetch waits meanwhile. So a partition is paused only if none of its records was
    // accepted, or if the buffered records last until it is resumed. Without a pause the rest of the batch would be fetched and decoded
    // again for the few records that fit into the buffer.
    else if (accepted === 0 || (this.isLarge && !this.buffer.hasCapacityFor(partition)))
      this.pause(partition);
  }

  private accept(partition: AssignedPartition, message: FetchedBatch['messages'][number]): void {
    const record = decode(partition.topic, partition.partition, message);
    this.buffer.add(partition);
    this.options.accept(partition, {
      record,
      message,
      trackedOffset: partition.offsets.accept(record.offset),
      fetchMark: this.marks.forRecords(),
    });
  }

  private get isLarge(): boolean {
    return this.options.highWater >= largeBuffer;
  }

  private shareOf(partition: AssignedPartition): number {
    const left = maxUncommittedRecords - partition.offsets.span;
    return Math.min(this.buffer.shareOf(partition), Math.max(0, left));
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
      if (!partition.paused || partition.offsets.span >= maxUncommittedRecords) continue;
      if (!this.buffer.hasCapacityFor(partition)) continue;
      partition.paused = false;
      // The fetch that is in flight does not include it.
      partition.lastFetch = this.fetches + 1;
      this.member.resume(partition);
    }
  }
}

const name = ({ topic, partition }: TopicPartition): string => `${topic}/${partition}`;
