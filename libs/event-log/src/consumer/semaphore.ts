/** Limits the number of handlers that run at the same time. Permits are granted in the order of `acquire`, and none while it is closed. */
export class Semaphore {
  private readonly waiters = new Set<() => void>();
  private readonly idleWaiters: (() => void)[] = [];
  private acquired = 0;
  private opened = false;

  constructor(private readonly size: number) {}

  get inUse(): number {
    return this.acquired;
  }

  open(): void {
    this.opened = true;
    this.grant();
  }

  close(): void {
    this.opened = false;
  }

  /** Resolves with `true` when a permit is granted, which the caller releases, and with `false` if the signal aborts before. */
  acquire(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const abandon = () => {
        this.waiters.delete(granted);
        resolve(false);
      };
      const granted = () => {
        signal.removeEventListener('abort', abandon);
        resolve(true);
      };
      signal.addEventListener('abort', abandon, { once: true });
      this.waiters.add(granted);
      this.grant();
    });
  }

  release(): void {
    this.acquired -= 1;
    if (this.acquired === 0) for (const wake of this.idleWaiters.splice(0)) wake();
    this.grant();
  }

  /** Resolves when all permits are released. */
  idle(): Promise<void> {
    if (this.acquired === 0) return Promise.resolve();
    return new Promise((resolve) => this.idleWaiters.push(resolve));
  }

  private grant(): void {
    for (const granted of this.waiters) {
      if (!this.opened || this.acquired >= this.size) return;
      this.waiters.delete(granted);
      this.acquired += 1;
      granted();
    }
  }
}
