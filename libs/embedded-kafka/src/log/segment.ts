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

/** What need not be read again at the next start: valid as far as its size. */
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

/** One file of a log: its flushed part. Only the last segment of a log holds its file open. */
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

  /** Writes behind the flushed part; nothing of it counts before `grow`. */
  async write(batches: Buffer[]): Promise<void> {
    await this.file?.write(batches, this.size);
  }

  async datasync(): Promise<void> {
    await this.file?.datasync();
  }

  /** Takes a batch that is on disk into what can be read. */
  grow(batch: BatchHeader): void {
    this.index.add(batch, this.size);
    this.size += batch.size;
    this.endOffset = batch.lastOffset + 1;
  }

  /**
   * Whole batches from the one that holds `offset` on, at most `maxBytes` but one batch at least.
   * `offset` must be below `endOffset`.
   */
  async read(offset: number, maxBytes: number): Promise<Buffer> {
    // What is appended while this reads belongs to the next read.
    const end = this.size;
    let position = this.index.floor(offset);
    let wanted = maxBytes + INDEX_INTERVAL;
    for (;;) {
      const window = await this.readAt(position, Math.min(wanted, end - position));
      const { from, to, nextOffset, needed } = wholeBatches(window, offset, maxBytes);
      if (to > from) {
        this.index.rememberEnd(nextOffset, position + to);
        return window.subarray(from, to);
      }
      position += from;
      wanted = needed;
      if (needed < BATCH_HEADER_BYTES || position + needed > end)
        throw new LogDamaged(`${this.folder}: no whole batch at ${this.baseOffset}+${position}`);
    }
  }

  /** An offset to read from in order to find the first record that is not older than `timestamp` (ms). */
  firstStretchSince(timestamp: number): number | undefined {
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
    // Only the last segment keeps its file open: old ones are read rarely, and there may be many.
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

/** The part of `window`, which starts with a batch, that answers a read; `needed` bytes from `from` on if there is none. */
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
  const seesHeader = from + BATCH_HEADER_BYTES <= window.length;
  const needed = seesHeader ? batchSize(window, from) : BATCH_HEADER_BYTES;
  return { from, to, nextOffset, needed };
}
