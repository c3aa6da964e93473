/**
 * What became of an event id so far. `first`: nobody has it, and now the caller does. `running`: somebody is at it.
 * `done`: it was handled.
 */
export type Claim = 'first' | 'running' | 'done';

/**
 * Remembers which events were handled, so that an event that is sent twice is handled once. Where several processes
 * receive, keep it in what they share. In Redis: begin is `SET id running NX PX <lease>` (and GET where that fails),
 * finish `SET id done PX <ttl>`, abandon `DEL id`. In SQL: an insert with `on conflict do nothing` on the id.
 */
export interface SeenStore {
  /** Claims the id, in one step: of two callers at once only one is told `first`. */
  begin(id: string): Claim | Promise<Claim>;
  /** It was handled: for as long as the sender may send it again, it is `done`. */
  finish(id: string): void | Promise<unknown>;
  /** It was not: the next attempt is `first` again. */
  abandon(id: string): void | Promise<unknown>;
}

export interface InMemorySeenStoreOptions {
  /** How long a handled event is remembered. Casewire's longest schedule ends after 83 hours. */
  ttlMs?: number;
  /** How long a claim holds that nobody finishes or abandons. */
  leaseMs?: number;
  /** The oldest are forgotten beyond that. */
  maxEntries?: number;
  /** Milliseconds since 1970. */
  now?: () => number;
}

/** For one process: what it knows is gone with it. */
export class InMemorySeenStore implements SeenStore {
  // In the order in which they were set: the first is the oldest.
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
