import { setTimeout as delay } from 'node:timers/promises';

/** Collects what a test sees, and lets it wait for what it wants to see. */
export class Recorder<T> {
  readonly seen: T[] = [];
  private readonly waiters = new Set<() => void>();

  add(item: T): void {
    this.seen.push(item);
    for (const check of this.waiters) check();
  }

  /** Resolves as soon as the condition holds for what was seen; rejects with what is missing after the time given. */
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

  /** Resolves once this many were seen. */
  count(expected: number, timeoutMs?: number): Promise<void> {
    return this.until(`${expected} of them`, (seen) => seen.length >= expected, timeoutMs);
  }
}

/** Resolves once the condition holds, which is looked at every few milliseconds: for what tells nobody that it changed. */
export async function until(condition: () => boolean, timeoutMs = 10_000): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${timeoutMs} ms`);
    await delay(5);
  }
}
