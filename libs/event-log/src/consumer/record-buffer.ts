/** What a partition takes up of the room of its consumer. */
export interface BufferUser {
  /** Its records in memory. */
  held: number;
  /** Whether it has, or may have, more to give than was accepted. */
  behind: boolean;
}

/**
 * The room a consumer has for records in memory, over all of its partitions. Half of it is set aside for each partition
 * in equal parts, so that one whose records are stuck cannot take all; the other half goes to whoever is behind.
 */
export class RecordBuffer {
  private held = 0;
  private waiter: (() => void) | undefined;

  constructor(
    private readonly size: number,
    private readonly tenants: () => Iterable<BufferUser>,
  ) {}

  /** Records in memory, those of partitions that were revoked while they were handled included. */
  get taken(): number {
    return this.held;
  }

  take(tenant: BufferUser): void {
    this.held += 1;
    tenant.held += 1;
  }

  release(tenant: BufferUser): void {
    this.held -= 1;
    tenant.held -= 1;
    this.waiter?.();
  }

  /** How many records of this partition may be accepted now. */
  shareOf(tenant: BufferUser): number {
    const free = this.size - this.held;
    const own = this.ownPart();
    let unclaimed = 0;
    let behind = tenant.behind ? 0 : 1;
    for (const other of this.tenants()) {
      unclaimed += Math.max(0, own - other.held);
      if (other.behind) behind += 1;
    }
    const common = Math.ceil(Math.max(0, free - unclaimed) / behind);
    return Math.max(0, Math.min(free, Math.max(0, own - tenant.held) + common));
  }

  /** Whether there is enough room to go on with this partition: one by one it would be fetched again for each record. */
  isWorthwhileFor(tenant: BufferUser): boolean {
    const emptied = this.held <= this.size / 2 || tenant.held <= this.ownPart() / 2;
    return emptied && this.shareOf(tenant) > 0;
  }

  /** Resolves when it is worthwhile to go on with this partition, or after the given time. One waits at a time. */
  async untilWorthwhile(tenant: BufferUser, timeoutMs: number): Promise<void> {
    if (timeoutMs <= 0 || this.isWorthwhileFor(tenant)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    this.waiter = () => {
      if (this.isWorthwhileFor(tenant)) resolve();
    };
    await promise;
    clearTimeout(timer);
    this.waiter = undefined;
  }

  /** What is set aside for each partition: one record at least, as long as there is room for one of each. */
  private ownPart(): number {
    const count = [...this.tenants()].length;
    if (count === 0 || this.size < count) return 0;
    return Math.max(1, Math.floor(this.size / (2 * count)));
  }
}
