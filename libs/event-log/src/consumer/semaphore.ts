/** Room for a number of handlers at once, given in the order of asking. Closed, it gives none. */
export class Semaphore {
  private readonly claims = new Set<() => void>();
  private readonly idleWaiters: (() => void)[] = [];
  private taken = 0;
  private opened = false;

  constructor(private readonly size: number) {}

  get inUse(): number {
    return this.taken;
  }

  open(): void {
    this.opened = true;
    this.grant();
  }

  close(): void {
    this.opened = false;
  }

  /** Resolves with `true` when a slot is taken, to be released later, and with `false` when the signal aborts before. */
  acquire(signal: AbortSignal): Promise<boolean> {
    if (signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const abandon = () => {
        this.claims.delete(granted);
        resolve(false);
      };
      const granted = () => {
        signal.removeEventListener('abort', abandon);
        resolve(true);
      };
      signal.addEventListener('abort', abandon, { once: true });
      this.claims.add(granted);
      this.grant();
    });
  }

  release(): void {
    this.taken -= 1;
    if (this.taken === 0) for (const wake of this.idleWaiters.splice(0)) wake();
    this.grant();
  }

  /** Resolves when no slot is taken. */
  idle(): Promise<void> {
    if (this.taken === 0) return Promise.resolve();
    return new Promise((resolve) => this.idleWaiters.push(resolve));
  }

  private grant(): void {
    for (const granted of this.claims) {
      if (!this.opened || this.taken >= this.size) return;
      this.claims.delete(granted);
      this.taken += 1;
      granted();
    }
  }
}
