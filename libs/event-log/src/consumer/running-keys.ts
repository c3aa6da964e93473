/**
 * The keys that have a running handler in this process. A partition may be revoked and assigned again, to the same or another
 * consumer of the process, while an earlier handler is still running: the next handler of its key waits for it.
 */
export class RunningKeys {
  private readonly handlerEnds = new Map<string, Promise<void>>();

  /** Resolves when the running handler of this key ends; `undefined` if there is none. */
  endOf(key: string): Promise<void> | undefined {
    return this.handlerEnds.get(key);
  }

  /** Marks a key as running; the returned function ends that. The caller has checked that the key is free. */
  acquire(key: string): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.handlerEnds.set(key, promise);
    return () => {
      this.handlerEnds.delete(key);
      resolve();
    };
  }
}
