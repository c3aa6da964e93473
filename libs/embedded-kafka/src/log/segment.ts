import { join } from 'node:path';

import { z } from 'zod';

import { BATCH_HEADER_BYTES, batchSize, readBatchHeader } from '../protocol/record-batch.ts';
import type { BatchHeader } from '../protocol/record-batch.ts';
import type { Disk, DiskFile } from './disk.ts';
import { LogDamaged } from './log-errors.ts';
import { ProducerSnapshot } from './producer-sequences.ts';
import { INDEX_INTERVAL, IndexEntry, SegmentIndex } from './segment-index.ts';

const LOG_SUFFIX = '.log';
const CHECKPOINT_SUFFIX = '.checkpoint.json';

/** The state of a segment up to `size` bytes, which the next start need not read again. */
export const Checkpoint = z.object({
  size: z.number(),
  endOffset: z.number(),
  index: z.array(IndexEntry),
  producers: z.array(ProducerSnapshot),
});
export type Checkpoint = z.infer<typeof Checkpoint>;

export function segmentPath(folder: string, baseOffset: number): string {
  return join(folder, String(baseOffset).padStart(20, '0') + LOG_SUFFIX);
}

export function checkpointPath(folder: string, baseOffset: number): string {
  return join(folder, String(baseOffset).padStart(20, '0') + CHECKPOINT_SUFFIX);
}

/** Base offsets of the segments in a folder, ascending. */
export async function listSegments(disk: Disk, folder: string): Promise<number[]> {
  const names = await disk.list(folder);
  return names
    .filter((name) => /^\d{20}\.log$/.test(name))
    .map((name) => Number.parseInt(name, 10))
    .toSorted((a, b) => a - b);
}

/** The flushed part of one file of a log. Only the last segment of a log keeps its file open. */
export class Segment {
  private file: DiskFile | undefined;
  private readonly reads = new Set<Promise<Buffer>>();

  constructor(
    private readonly disk: Disk,
    private readonly folder: string,
    readonly baseOffset: number,
    public size = 0,
    public endOffset = baseOffset,
    private readonly index = new SegmentIndex(),
  ) {}

  get maxTimestamp(): number {
    return Math.max(...this.index.entries.map((entry) => entry.maxTimestamp));
  }

  get indexEntries(): number {
    return this.index.entries.length;
  }

  async open(): Promise<void> {
    this.file ??= await this.disk.openForAppend(segmentPath(this.folder, this.baseOffset));
  }

  /** Writes after the flushed part. The batches are not readable before `grow`. */
  async write(batches: Buffer[]): Promise<void> {
    await this.file?.write(batches, this.size);
  }

  async datasync(): Promise<void> {
    await this.file?.datasync();
  }

  /** Makes a flushed batch readable. */
  grow(batch: BatchHeader): void {
    this.index.add(batch, this.size);
    this.size += batch.size;
    this.endOffset = batch.lastOffset + 1;
  }

  /**
   * Whole batches, starting with the one that contains `offset`: at most `maxBytes`, but at least one batch. `offset` must be below
   * `endOffset`.
   */
  async read(offset: number, maxBytes: number): Promise<Buffer> {
    // Records that are appended during this read belong to the next one.
    const end = this.size;
    let position = this.index.floor(offset);
    let windowBytes = maxBytes + INDEX_INTERVAL;
    for (;;) {
      const window = await this.readAt(position, Math.min(windowBytes, end - position));
      const { from, to, nextOffset, needed } = wholeBatches(window, offset, maxBytes);
      if (to > from) {
        this.index.cacheEnd(nextOffset, position + to);
        return window.subarray(from, to);
      }
      position += from;
      windowBytes = needed;
      if (needed < BATCH_HEADER_BYTES || position + needed > end)
        throw new LogDamaged(`${this.folder}: no whole batch at ${this.baseOffset}+${position}`);
    }
  }

  /** The offset from which to search the first record that is not older than `timestamp` (ms). */
  searchStart(timestamp: number): number | undefined {
    return this.index.firstSince(timestamp);
  }

  checkpoint(producers: ProducerSnapshot[]): Promise<void> {
    const checkpoint: Checkpoint = {
      size: this.size,
      endOffset: this.endOffset,
      index: this.index.entries,
      producers,
    };
    return this.disk.replaceText(
      checkpointPath(this.folder, this.baseOffset),
      JSON.stringify(checkpoint),
    );
  }

  async close(): Promise<void> {
    const file = this.file;
    this.file = undefined;
    await Promise.allSettled(this.reads);
    await file?.close();
  }

  async remove(): Promise<void> {
    await this.close();
    await this.disk.remove(segmentPath(this.folder, this.baseOffset));
    await this.disk.remove(checkpointPath(this.folder, this.baseOffset));
  }

  private async readAt(position: number, length: number): Promise<Buffer> {
    if (this.file) {
      const reading = this.readFrom(this.file, position, length);
      this.reads.add(reading);
      return reading.finally(() => this.reads.delete(reading));
    }
    // Only the last segment keeps its file open: earlier ones are rarely read, and there may be many.
    const file = await this.disk.openForRead(segmentPath(this.folder, this.baseOffset));
    try {
      return await this.readFrom(file, position, length);
    } finally {
      await file.close();
    }
  }

  private async readFrom(file: DiskFile, position: number, length: number): Promise<Buffer> {
    const window = Buffer.allocUnsafe(length);
    const filled = await file.read(window, position);
    if (filled < length)
      throw new LogDamaged(`${this.folder}: segment ${this.baseOffset} has lost its end`);
    return window;
  }
}

/**
 * The part of `window`, which starts with a batch, that a read returns. If no batch is complete, `needed` bytes from `from` on are
 * required.
 */
function wholeBatches(window: Buffer, offset: number, maxBytes: number) {
  const batchAt = (at: number) => {
    if (at + BATCH_HEADER_BYTES > window.length) return undefined;
    const batch = readBatchHeader(window, at);
    return batch.size >= BATCH_HEADER_BYTES && at + batch.size <= window.length ? batch : undefined;
  };
  let from = 0;
  let batch = batchAt(from);
  while (batch && batch.lastOffset < offset) {
    from += batch.size;
    batch = batchAt(from);
  }
  let to = from;
  let nextOffset = offset;
  while (batch && (to === from || to + batch.size - from <= maxBytes)) {
    to += batch.size;
    nextOffset = batch.lastOffset + 1;
    batch = batchAt(to);
  }
  const hasHeader = from + BATCH_HEADER_BYTES <= window.length;
  const needed = hasHeader ? batchSize(window, from) : BATCH_HEADER_BYTES;
  return { from, to, nextOffset, needed };
}
