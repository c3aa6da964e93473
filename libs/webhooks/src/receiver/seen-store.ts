/**
 * The result of a claim. `first`: the event is new, and the caller has claimed it. `running`: another caller is handling it.
 * `done`: it was handled.
 */
export type Claim = 'first' | 'running' | 'done';

/**
 * Stores which events were handled, so that an event that arrives twice is handled once. Several receiving processes need a
 * store that they share. In Redis: begin is `SET id running NX PX <lease>` (and GET where that fails), finish
 * `SET id done PX <ttl>`, abandon `DEL id`. In SQL: an insert with `on conflict do nothing` on the id.
 */
export interface SeenStore {
  /** Claims the id atomically: of two concurrent callers only one gets `first`. */
  begin(id: string): Claim | Promise<Claim>;
  /** The event was handled: the id must stay `done` for as long as the sender can repeat it. */
  finish(id: string): void | Promise<unknown>;
  /** The event was not handled: the next attempt is `first` again. */
  abandon(id: string): void | Promise<unknown>;
}

export interface InMemorySeenStoreOptions {
  /** How long a handled event is stored; default four days. Casewire's longest schedule ends after 83 hours. */
  ttlMs?: number;
  /** How long a claim is valid that is neither finished nor abandoned; default one minute. */
  leaseMs?: number;
  /** Beyond this number the oldest entries are removed; default 100,000. */
  maxEntries?: number;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** For one process: its entries are lost when the process ends. */
export class InMemorySeenStore implements SeenStore {
  // In insertion order: the first entry is the oldest.
  private readonly entries = new Map<string, { state: 'running' | 'done'; until: number }>();
  private readonly ttlMs: number;
  private readonly leaseMs: number;
  private readonly maxEntries: number;
  private readonly now: () => number;

  constructor({
    ttlMs = 4 * 24 * 60 * 60 * 1000,
    leaseMs = 60_000,
    maxEntries = 100_000,
    now = Date.now,
  }: InMemorySeenStoreOptions = {}) {
    this.ttlMs = ttlMs;
    this.leaseMs = leaseMs;
    this.maxEntries = maxEntries;
    this.now = now;
  }

  get size(): number {
    return this.entries.size;
  }

  begin(id: string): Claim {
    const entry = this.entries.get(id);
    if (entry && entry.until > this.now()) return entry.state;
    this.set(id, 'running', this.leaseMs);
    return 'first';
  }

  finish(id: string): void {
    this.set(id, 'done', this.ttlMs);
  }

  abandon(id: string): void {
    this.entries.delete(id);
  }

  private set(id: string, state: 'running' | 'done', lifetimeMs: number): void {
    const now = this.now();
    this.entries.delete(id);
    for (const [oldest, { until }] of this.entries) {
      if (until > now && this.entries.size < this.maxEntries) break;
      this.entries.delete(oldest);
    }
    this.entries.set(id, { state, until: now + lifetimeMs });
  }
}
