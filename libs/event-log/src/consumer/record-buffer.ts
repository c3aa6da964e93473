/** The use that one partition makes of the record buffer of its consumer. */
export interface BufferUser {
  /** The number of its records in memory. */
  buffered: number;
  /** Whether the broker has, or may have, more records of it than were accepted. */
  behind: boolean;
}

/**
 * Limits the number of records that a consumer has in memory, over all of its partitions. Half of the capacity is reserved for
 * the partitions in equal parts, so that one whose records are stuck cannot use all of it; the other half is for partitions
 * that are behind.
 */
export class RecordBuffer {
  private total = 0;
  private waiter: (() => void) | undefined;

  constructor(
    private readonly capacity: number,
    private readonly users: () => Iterable<BufferUser>,
  ) {}

  /** The number of records in memory, including those of partitions that were revoked while their handlers ran. */
  get count(): number {
    return this.total;
  }

  add(user: BufferUser): void {
    this.total += 1;
    user.buffered += 1;
  }

  remove(user: BufferUser): void {
    this.total -= 1;
    user.buffered -= 1;
    this.waiter?.();
  }

  /** How many records of this partition may be accepted now. */
  shareOf(user: BufferUser): number {
    const free = this.capacity - this.total;
    const reserved = this.reservedPerUser();
    let reservedForOthers = 0;
    let behind = user.behind ? 0 : 1;
    for (const other of this.users()) {
      reservedForOthers += Math.max(0, reserved - other.buffered);
      if (other.behind) behind += 1;
    }
    const common = Math.ceil(Math.max(0, free - reservedForOthers) / behind);
    return Math.max(0, Math.min(free, Math.max(0, reserved - user.buffered) + common));
  }

  /** Whether enough capacity is free to continue with this partition. With less it would be fetched again for each single record. */
  hasCapacityFor(user: BufferUser): boolean {
    const halfEmpty =
      this.total <= this.capacity / 2 || user.buffered <= this.reservedPerUser() / 2;
    return halfEmpty && this.shareOf(user) > 0;
  }

  /** Resolves when there is capacity for this partition, or after the time-out. Only one caller can wait at a time. */
  async untilCapacityFor(user: BufferUser, timeoutMs: number): Promise<void> {
    if (timeoutMs <= 0 || this.hasCapacityFor(user)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    this.waiter = () => {
      if (this.hasCapacityFor(user)) resolve();
    };
    await promise;
    clearTimeout(timer);
    this.waiter = undefined;
  }

  /** The capacity that is reserved for each partition: at least one record, if there is one for each partition. */
  private reservedPerUser(): number {
    const count = [...this.users()].length;
    if (count === 0 || this.capacity < count) return 0;
    return Math.max(1, Math.floor(this.capacity / (2 * count)));
  }
}
