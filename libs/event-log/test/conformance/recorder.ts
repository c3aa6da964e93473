import { setTimeout as delay } from 'node:timers/promises';

/** Collects items, and lets a test wait for a condition on them. */
export class Recorder<T> {
  readonly seen: T[] = [];
  private readonly waiters = new Set<() => void>();

  add(item: T): void {
    this.seen.push(item);
    for (const check of this.waiters) check();
  }

  /** Resolves when the condition holds for the items; rejects after the time-out, naming what is missing. */
  async until(
    what: string,
    condition: (seen: readonly T[]) => boolean,
    timeoutMs = 20_000,
  ): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const check = () => {
      if (condition(this.seen)) resolve();
    };
    const timer = setTimeout(() => {
      reject(new Error(`not within ${timeoutMs} ms: ${what}; seen ${this.seen.length}`));
    }, timeoutMs);
    this.waiters.add(check);
    check();
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.waiters.delete(check);
    }
  }

  /** Resolves when there are this many items. */
  count(expected: number, timeoutMs?: number): Promise<void> {
    return this.until(`${expected} items`, (seen) => seen.length >= expected, timeoutMs);
  }
}

/** Resolves when the condition holds. It is checked every few milliseconds: for values whose changes emit no event. */
export async function until(condition: () => boolean, timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms`);
    await delay(5);
  }
}
