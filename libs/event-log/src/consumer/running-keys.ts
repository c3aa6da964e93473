/**
 * Which keys a handler of this process is busy with. A partition may be revoked and come back, to this or to another
 * consumer of the process, while a handler that was started before still runs: its key waits until that one is done.
 */
export class RunningKeys {
  private readonly ends = new Map<string, Promise<void>>();

  /** The end of the handler that has this key, or `undefined` when it is free. */
  endOf(key: string): Promise<void> | undefined {
    return this.ends.get(key);
  }

  /** Takes a free key; the returned function gives it back. */
  take(key: string): () => void {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ends.set(key, promise);
    return () => {
      this.ends.delete(key);
      resolve();
    };
  }
}
