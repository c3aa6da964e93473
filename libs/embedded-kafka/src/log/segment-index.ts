import { z } from 'zod';

import type { BatchHeader } from '../protocol/record-batch.ts';

/** Bytes of log between two index entries: what a look-up reads at most before it finds its batch. */
export const INDEX_INTERVAL = 64 * 1024;
const REMEMBERED_ENDS = 32;

export const IndexEntry = z.object({
  /** First offset of the stretch of log that the entry stands for. */
  offset: z.number(),
  position: z.number(),
  /** Highest record timestamp in that stretch, ms. */
  maxTimestamp: z.number(),
});
export type IndexEntry = z.infer<typeof IndexEntry>;

/** Where in a segment file the batches are: one entry per 64 KiB, and the ends of the last reads, where the next ones usually start. */
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

  /** A position at or before the batch that holds the offset. */
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

  /** A batch with `offset` as its first one starts at `position`. */
  rememberEnd(offset: number, position: number): void {
    this.readEnds.delete(offset);
    this.readEnds.set(offset, position);
    if (this.readEnds.size <= REMEMBERED_ENDS) return;
    for (const [oldest] of this.readEnds) {
      this.readEnds.delete(oldest);
      return;
    }
  }

  /** First offset of the first stretch with a record that is not older than `timestamp`. */
  firstSince(timestamp: number): number | undefined {
    return this.entries.find((entry) => entry.maxTimestamp >= timestamp)?.offset;
  }
}
