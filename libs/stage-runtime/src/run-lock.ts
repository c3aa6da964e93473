type Mode = 'shared' | 'exclusive';

interface Waiting {
  mode: Mode;
  admit: () => void;
}

/**
 * A shared/exclusive lock (readers-writer lock), granted in the order of the requests. Any number of runs can have it shared,
 * one run can have it exclusively. No request overtakes another, so that an exclusive one waits for earlier ones only.
 */
export class RunLock {
  private shared = 0;
  private exclusive = false;
  private readonly queue: Waiting[] = [];

  /** Number of waiting requests. */
  get waiting(): number {
    return this.queue.length;
  }

  /**
   * Resolves with the function that releases the lock, when it is granted.
   * @throws the signal's reason, where it aborts earlier
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
      // Later requests may have waited only for this one.
      this.grant();
    };
    signal.addEventListener('abort', abandon, { once: true });
    try {
      await admitted.promise;
    } finally {
      signal.removeEventListener('abort', abandon);
    }
    let released = false;
    return () => {
      if (released) return;
      released = true;
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

/** The lock of this process: a run that crashes the process crashes the runs of all stages in it. */
export const processRunLock = new RunLock();
