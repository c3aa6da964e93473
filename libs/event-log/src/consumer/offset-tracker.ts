/** The place of a record among those that were accepted from its partition. */
export interface TrackedOffset {
  readonly offset: bigint;
  done: boolean;
}

/**
 * What may be committed of a partition whose records finish in any order: the offset before which all are done. A record
 * that takes long holds the commit back and nothing else.
 */
export class OffsetTracker {
  private entries: TrackedOffset[] = [];
  private first = 0;
  private reached = -1n;

  /** Offset of the last record that was accepted or passed over; -1 before the first. */
  get received(): bigint {
    return this.reached;
  }

  /** How many records lie between the first unfinished and the last accepted. */
  get span(): number {
    return this.entries.length - this.first;
  }

  accept(offset: bigint): TrackedOffset {
    const entry = { offset, done: false };
    this.entries.push(entry);
    this.reached = offset;
    return entry;
  }

  /** Notes that there is nothing to be handled up to this offset. */
  passOver(offset: bigint): void {
    if (offset > this.reached) this.reached = offset;
  }

  finish(entry: TrackedOffset): void {
    entry.done = true;
    while (this.entries[this.first]?.done) this.first += 1;
    // Amortized: half of the array is finished when it is cut.
    if (this.first > 1_000 && this.first * 2 > this.entries.length) {
      this.entries = this.entries.slice(this.first);
      this.first = 0;
    }
  }

  /** The offset to be read next after a restart; `undefined` when nothing was received yet. */
  get next(): bigint | undefined {
    const unfinished = this.entries[this.first];
    if (unfinished) return unfinished.offset;
    return this.reached < 0n ? undefined : this.reached + 1n;
  }
}
