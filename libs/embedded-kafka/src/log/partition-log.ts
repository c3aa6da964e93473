import { setImmediate as nextTurn } from 'node:timers/promises';

import { ErrorCode } from '../protocol/error-code.ts';
import {
  firstRecordSince,
  placeBatch,
  readBatchHeader,
  type BatchHeader,
} from '../protocol/record-batch.ts';
import type { Disk } from './disk.ts';
import type { FlushQueue } from './flush-queue.ts';
import { LogDamaged, LogUnavailable, OffsetOutOfRange } from './log-errors.ts';
import { ProducerSequences } from './producer-sequences.ts';
import { recoverSegment } from './recovery.ts';
import { listSegments, Segment } from './segment.ts';

const SEARCH_BYTES = 64 * 1024;
const GROUP_BYTES = 8 * 1024 * 1024;

export interface LogEnvironment {
  readonly disk: Disk;
  /** The flush queue, shared by all logs. */
  readonly flushes: FlushQueue;
  /** The approximate size in bytes at which the next segment starts. */
  readonly segmentBytes: number;
  /** Idempotent producers that are remembered for each partition. */
  readonly producerLimit: number;
  readonly logger: { info(o: object): void; error(o: object): void };
}

export interface Appended {
  readonly baseOffset: number;
  /** Resolves when the batch is on disk; rejects with LogUnavailable if it cannot be written. */
  readonly durable: Promise<void>;
}

interface Pending {
  readonly batch: BatchHeader;
  readonly bytes: Buffer;
}

interface Waiter {
  readonly end: number;
  resolve(): void;
  reject(error: LogUnavailable): void;
}

/**
 * The log of one partition: segments on disk, and in memory a sparse index and the appends that are not flushed yet.
 * Appends that arrive during a flush share the next one. Readers see flushed records only.
 * After a failed write or flush the log accepts no more records until the next start, because the content of the disk is unknown.
 */
export class PartitionLog {
  private readonly queue: Pending[] = [];
  private waiters: Waiter[] = [];
  private readonly listeners = new Set<() => void>();
  private nextOffset: number;
  private flushing: Promise<void> | undefined;
  private unavailable: LogUnavailable | undefined;

  private constructor(
    private readonly folder: string,
    private readonly environment: LogEnvironment,
    private readonly segments: Segment[],
    private readonly sequences: ProducerSequences,
  ) {
    this.nextOffset = this.highWatermark;
  }

  /** Opens the log in `folder`, which is created with the first append if it does not exist. Throws LogDamaged. */
  static async open(folder: string, environment: LogEnvironment): Promise<PartitionLog> {
    const { disk, logger, producerLimit } = environment;
    const sequences = new ProducerSequences(producerLimit);
    const segments: Segment[] = [];
    const baseOffsets = await listSegments(disk, folder);
    for (const baseOffset of baseOffsets) {
      const before = segments.at(-1);
      if (before && before.endOffset !== baseOffset)
        throw new LogDamaged(`${folder}: offsets ${before.endOffset} to ${baseOffset} are missing`);
      const isLast = baseOffset === baseOffsets.at(-1);
      const recovered = await recoverSegment(disk, folder, baseOffset, sequences, isLast);
      segments.push(recovered.segment);
      if (recovered.tornBytes > 0)
        logger.error({
          event: 'embedded-kafka.torn-tail-cut',
          folder,
          bytes: recovered.tornBytes,
          endOffset: recovered.segment.endOffset,
        });
    }
    return new PartitionLog(folder, environment, segments, sequences);
  }

  /** The first offset of the log. */
  get startOffset(): number {
    return this.segments[0]?.baseOffset ?? 0;
  }

  /** The offset after the last flushed record. */
  get highWatermark(): number {
    return this.segments.at(-1)?.endOffset ?? 0;
  }

  /** Bytes of records in memory: those that wait for their flush. */
  get pendingBytes(): number {
    return this.queue.reduce((sum, { bytes }) => sum + bytes.length, 0);
  }

  get indexEntries(): number {
    return this.segments.reduce((sum, segment) => sum + segment.indexEntries, 0);
  }

  /**
   * Appends a checked batch. Batches get their offsets synchronously, in the order of the calls. The caller must not change the buffer
   * afterwards. A batch that an idempotent producer repeats gets the offset of its first append.
   * Throws BatchRefused for a wrong sequence number, LogUnavailable after a disk error.
   */
  append(bytes: Buffer): Appended {
    if (this.unavailable) throw this.unavailable;
    const repeated = this.sequences.findRepeated(readBatchHeader(bytes));
    if (repeated)
      return { baseOffset: repeated.baseOffset, durable: this.durable(repeated.lastOffset + 1) };
    const baseOffset = this.nextOffset;
    placeBatch(bytes, baseOffset);
    const batch = readBatchHeader(bytes);
    this.nextOffset = batch.lastOffset + 1;
    this.sequences.remember(batch);
    this.queue.push({ batch, bytes });
    this.flushing ??= this.flush();
    return { baseOffset, durable: this.durable(this.nextOffset) };
  }

  /**
   * Whole flushed batches from the one with `offset` on: at most `maxBytes`, but at least one batch; empty at the end of the log.
   * Throws OffsetOutOfRange, LogUnavailable, LogDamaged.
   */
  async read(offset: number, maxBytes: number): Promise<Buffer> {
    if (offset < this.startOffset || offset > this.highWatermark)
      throw new OffsetOutOfRange(
        `Offset ${offset} is not within ${this.startOffset} to ${this.highWatermark}`,
      );
    const segment = this.segments.findLast(({ baseOffset }) => baseOffset <= offset);
    if (!segment || offset >= segment.endOffset) return Buffer.alloc(0);
    try {
      return await segment.read(offset, maxBytes);
    } catch (error) {
      // Retention may remove the segment between the look-up and the read.
      if (offset < this.startOffset) throw new OffsetOutOfRange(`Offset ${offset} was removed`);
      throw error;
    }
  }

  /** The first record that is not older than `timestamp` (ms), or the first offset of its compressed batch; undefined if there is none. */
  async findSince(timestamp: number): Promise<{ offset: number; timestamp: number } | undefined> {
    const segment = this.segments.find(
      (each) => each.endOffset > each.baseOffset && each.maxTimestamp >= timestamp,
    );
    if (!segment) return undefined;
    let offset = segment.searchStart(timestamp) ?? segment.endOffset;
    while (offset < segment.endOffset) {
      const batches = await segment.read(offset, SEARCH_BYTES);
      for (let at = 0; at < batches.length;) {
        const batch = readBatchHeader(batches, at);
        if (batch.maxTimestamp >= timestamp)
          return firstRecordSince(batches.subarray(at, at + batch.size), timestamp);
        at += batch.size;
        offset = batch.lastOffset + 1;
      }
    }
    return undefined;
  }

  /** Calls `listener` when there are more records, or when the log becomes unavailable. The result removes the listener. */
  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /**
   * Removes the oldest segments, but never the last one: those whose newest record is older than `olderThan` (ms since 1970), and those
   * with which the log is larger than `maxBytes`.
   */
  async retain(olderThan: number, maxBytes: number): Promise<void> {
    let size = this.segments.reduce((sum, segment) => sum + segment.size, 0);
    for (;;) {
      const [oldest, next] = this.segments;
      if (!oldest || !next || !(oldest.maxTimestamp < olderThan || size > maxBytes)) return;
      this.segments.shift();
      size -= oldest.size;
      await oldest.remove();
    }
  }

  /** Waits for the accepted appends, then closes the log. Later appends are refused. */
  async close(): Promise<void> {
    const failed = this.unavailable !== undefined;
    this.unavailable ??= new LogUnavailable(
      ErrorCode.notLeaderOrFollower,
      'The broker is stopping',
    );
    await this.flushing;
    const last = this.segments.at(-1);
    if (last && !failed) await last.checkpoint(this.sequences.snapshot(last.endOffset));
    await last?.close();
  }

  /** Closes the log and removes it from the disk. Waiting appends and readers get the error that the topic was deleted. */
  async remove(): Promise<void> {
    const deleted = new LogUnavailable(ErrorCode.unknownTopicOrPartition, 'The topic was deleted');
    this.stop(deleted);
    await this.flushing;
    await this.segments.at(-1)?.close();
    this.segments.length = 0;
    await this.environment.disk.remove(this.folder);
  }

  private durable(end: number): Promise<void> {
    if (end <= this.highWatermark) return Promise.resolve();
    return new Promise((resolve, reject) => this.waiters.push({ end, resolve, reject }));
  }

  private async flush(): Promise<void> {
    // Appends of the same turn of the event loop share the flush.
    await nextTurn();
    while (this.queue.length > 0) {
      const group = this.nextGroup();
      try {
        await this.writeGroup(group);
      } catch (cause) {
        this.fail(cause);
        break;
      }
      this.notifyWaiters();
    }
    this.flushing = undefined;
  }

  private nextGroup(): Pending[] {
    let bytes = 0;
    const end = this.queue.findIndex((pending) => (bytes += pending.bytes.length) > GROUP_BYTES);
    return this.queue.splice(0, end === -1 ? this.queue.length : Math.max(1, end));
  }

  private async writeGroup(group: Pending[]): Promise<void> {
    const segment = await this.segmentFor(group[0]!.batch.baseOffset);
    await segment.write(group.map(({ bytes }) => bytes));
    await this.environment.flushes.run(() => segment.datasync());
    for (const { batch } of group) segment.grow(batch);
  }

  private async segmentFor(baseOffset: number): Promise<Segment> {
    const { disk, segmentBytes } = this.environment;
    const current = this.segments.at(-1);
    if (current && current.size < segmentBytes) {
      await current.open();
      return current;
    }
    if (current) {
      await current.checkpoint(this.sequences.snapshot(baseOffset));
    } else {
      await disk.makeFolder(this.folder);
    }
    const next = new Segment(disk, this.folder, baseOffset);
    await next.open();
    this.segments.push(next);
    await current?.close();
    return next;
  }

  private notifyWaiters(): void {
    const reached = this.highWatermark;
    const durable = this.waiters.filter(({ end }) => end <= reached);
    this.waiters = this.waiters.filter(({ end }) => end > reached);
    for (const waiter of durable) waiter.resolve();
    for (const listener of this.listeners) listener();
  }

  private fail(cause: unknown): void {
    const { logger } = this.environment;
    logger.error({
      event: 'embedded-kafka.log-failed',
      folder: this.folder,
      endOffset: this.highWatermark,
      reason: cause instanceof Error ? cause.message : String(cause),
    });
    this.stop(
      new LogUnavailable(ErrorCode.kafkaStorageError, `${this.folder}: the disk failed`, cause),
    );
  }

  private stop(reason: LogUnavailable): void {
    this.unavailable = reason;
    this.queue.length = 0;
    const waiting = this.waiters;
    this.waiters = [];
    for (const waiter of waiting) waiter.reject(reason);
    for (const listener of this.listeners) listener();
  }
}
