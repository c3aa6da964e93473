import { z } from 'zod';

import type { BatchHeader } from '../protocol/record-batch.ts';

/** Bytes of the log between two index entries: a look-up reads at most this much before it finds its batch. */
export const INDEX_INTERVAL = 64 * 1024;
const CACHED_ENDS = 32;

export const IndexEntry = z.object({
  /** First offset of the interval that the entry describes. */
  offset: z.number(),
  position: z.number(),
  /** Highest record timestamp in the interval, in milliseconds since 1970. */
  maxTimestamp: z.number(),
});
export type IndexEntry = z.infer<typeof IndexEntry>;

/**
 * The positions of batches in a segment file: one entry per 64 KiB, and the ends of the last reads, where the next reads usually
 * start.
 */
export class SegmentIndex {
  private readonly readEnds = new Map<number, number>();

  constructor(readonly entries: IndexEntry[] = []) {}

  add(batch: BatchHeader, position: number): void {
    const last = this.entries.at(-1);
    if (last && position - last.position < INDEX_INTERVAL) {
      if (batch.maxTimestamp > last.maxTimestamp)
        this.entries[this.entries.length - 1] = { ...last, maxTimestamp: batch.maxTimestamp };
      return;
    }
    this.entries.push({
      offset: batch.baseOffset,
      position,
      maxTimestamp: batch.maxTimestamp,
    });
  }

  /** A position at or before the batch that contains the offset. */
  floor(offset: number): number {
    const known = this.readEnds.get(offset);
    if (known !== undefined) return known;
    let low = 0;
    let high = this.entries.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.entries[middle]!.offset <= offset) low = middle + 1;
      else high = middle;
    }
    return this.entries[low - 1]?.position ?? 0;
  }

  /** Caches that the batch with the first offset `offset` starts at `position`. */
  cacheEnd(offset: number, position: number): void {
    this.readEnds.delete(offset);
    this.readEnds.set(offset, position);
    if (this.readEnds.size <= CACHED_ENDS) return;
    for (const [oldest] of this.readEnds) {
      this.readEnds.delete(oldest);
      return;
    }
  }

  /** First offset of the first interval with a record that is not older than `timestamp`. */
  firstSince(timestamp: number): number | undefined {
    return this.entries.find((entry) => entry.maxTimestamp >= timestamp)?.offset;
  }
}
