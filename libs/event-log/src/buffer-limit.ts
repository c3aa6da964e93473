/**
 * Counts the records a consumer holds in memory, over all of its partitions. Full at the high water mark, it lets
 * partitions go on once half of it is free: one by one they would be paused and resumed for every record.
 */
export class BufferLimit {
  private held = 0;
  private readonly waiters = new Set<() => void>();

  constructor(
    private readonly highWater: number,
    /** Called whenever there is room again. */
    private readonly onRoom: () => void,
  ) {}

  get count(): number {
    return this.held;
  }

  get free(): number {
    return Math.max(0, this.highWater - this.held);
  }

  get hasRoom(): boolean {
    return this.held <= this.highWater >> 1;
  }

  take(): void {
    this.held += 1;
  }

  release(): void {
    this.held -= 1;
    if (!this.hasRoom) return;
    for (const wake of this.waiters) wake();
    this.onRoom();
  }

  /** Resolves when there is room, or after the given time. */
  async room(timeoutMs: number): Promise<void> {
    if (this.hasRoom || timeoutMs <= 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, timeoutMs);
    this.waiters.add(resolve);
    await promise;
    clearTimeout(timer);
    this.waiters.delete(resolve);
  }
}
