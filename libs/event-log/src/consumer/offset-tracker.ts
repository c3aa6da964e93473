/** The offset of an accepted record, and whether it is finished. */
export interface TrackedOffset {
  readonly offset: bigint;
  done: boolean;
}

/**
 * The offset that can be committed for a partition whose records finish in any order: all records before it are finished. A slow
 * record delays only the commit.
 */
export class OffsetTracker {
  private entries: TrackedOffset[] = [];
  private first = 0;
  private reached = -1n;

  /** Offset of the last record that was accepted or skipped; -1 before the first. */
  get received(): bigint {
    return this.reached;
  }

  /** The number of records from the first unfinished to the last accepted one. */
  get span(): number {
    return this.entries.length - this.first;
  }

  accept(offset: bigint): TrackedOffset {
    const entry = { offset, done: false };
    this.entries.push(entry);
    this.reached = offset;
    return entry;
  }

  /** Records up to this offset need no handling. */
  skipTo(offset: bigint): void {
    if (offset > this.reached) this.reached = offset;
  }

  finish(entry: TrackedOffset): void {
    entry.done = true;
    while (this.entries[this.first]?.done) this.first += 1;
    // Amortized: at least half of the array is finished when it is copied.
    if (this.first > 1_000 && this.first * 2 > this.entries.length) {
      this.entries = this.entries.slice(this.first);
      this.first = 0;
    }
  }

  /** The offset to read next after a restart; `undefined` if nothing was received yet. */
  get next(): bigint | undefined {
    const unfinished = this.entries[this.first];
    if (unfinished) return unfinished.offset;
    return this.reached < 0n ? undefined : this.reached + 1n;
  }
}
