import type { EventLog } from './event-log.ts';

export interface ReferenceViewOptions<T> {
  log: EventLog;
  /** A compacted topic of exactly one partition. */
  topic: string;
  /** Throws on an entry that is not one. */
  parse(value: unknown): T;
}

/** A compacted topic held in memory, rebuilt from its first record at every start. */
export class ReferenceView<T> {
  constructor(readonly options: ReferenceViewOptions<T>) {}

  start(): Promise<void> {
    return Promise.reject(new Error('being written'));
  }

  stop(): Promise<void> {
    return Promise.reject(new Error('being written'));
  }

  catchUp(_options?: { timeoutMs?: number; signal?: AbortSignal }): Promise<bigint> {
    return Promise.reject(new Error('being written'));
  }

  get(_key: string): T | undefined {
    return undefined;
  }

  *entries(): IterableIterator<[string, T]> {}

  get offset(): bigint {
    return 0n;
  }

  get healthy(): boolean {
    return false;
  }

  onChange(_listener: (key: string, value: T | undefined) => void): () => void {
    return () => undefined;
  }

  hold(): () => void {
    return () => undefined;
  }
}
