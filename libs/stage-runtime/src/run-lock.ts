type Mode = 'shared' | 'exclusive';

interface Waiting {
  mode: Mode;
  admit: () => void;
}

/**
 * A shared/exclusive lock (readers-writer lock), granted in the order of asking: shared holders work at the same time, an
 * exclusive holder works alone. Whoever waits for the exclusive lock is not overtaken, so it waits only for those before it.
 */
export class RunLock {
  private shared = 0;
  private exclusive = false;
  private readonly queue: Waiting[] = [];

  /** Those that wait. */
  get waiting(): number {
    return this.queue.length;
  }

  /**
   * Resolves when the lock is held, with the function that releases it.
   * @throws the signal's reason, when it aborts before
   */
  async acquire(mode: Mode, signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    const admitted = Promise.withResolvers<void>();
    const waiting: Waiting = { mode, admit: admitted.resolve };
    this.queue.push(waiting);
    this.grant();
    const abandon = () => {
      const place = this.queue.indexOf(waiting);
      if (place < 0) return;
      this.queue.splice(place, 1);
      admitted.reject(signal.reason);
      // Those behind it may have waited for it alone.
      this.grant();
    };
    signal.addEventListener('abort', abandon, { once: true });
    try {
      await admitted.promise;
    } finally {
      signal.removeEventListener('abort', abandon);
    }
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      if (mode === 'shared') this.shared--;
      else this.exclusive = false;
      this.grant();
    };
  }

  private grant(): void {
    for (let next = this.queue[0]; next && this.admits(next.mode); next = this.queue[0]) {
      this.queue.shift();
      if (next.mode === 'shared') this.shared++;
      else this.exclusive = true;
      next.admit();
    }
  }

  private admits(mode: Mode): boolean {
    return !this.exclusive && (mode === 'shared' || this.shared === 0);
  }
}

/** The lock of this process: a run that ends the process ends the runs of every stage in it. */
export const processRunLock = new RunLock();
