export interface WatchedLimits {
  /** Processor time so far, in milliseconds, on a clock that starts anywhere; null while the system does not tell. */
  processor: () => Promise<number | null>;
  /** Processor time that may be used from the first reading on, in milliseconds. */
  processorMs: number;
  /** Time that may pass, in milliseconds. A machine that is slow, or a stopped process, is what overruns it. */
  wallMs: number;
  exceeded: (limit: 'processor' | 'wall') => void;
}

const shortestLookMs = 10;
const longestLookMs = 250;

/**
 * Watches work that runs elsewhere: its processor time and the time that passes. It looks often enough that an overrun
 * is seen soon; a watch that comes late lets the work go on, and is never an overrun by itself.
 */
export class LimitWatch {
  private first: number | null = null;
  private spent = 0;
  private ended = false;
  private look: NodeJS.Timeout | undefined;
  private readonly wall: NodeJS.Timeout;

  constructor(private readonly limits: WatchedLimits) {
    this.wall = setTimeout(() => this.exceed('wall'), limits.wallMs);
    void this.watch();
  }

  /** Processor time that was seen to be used, in milliseconds. */
  get spentMs(): number {
    return this.spent;
  }

  /** Looks a last time, where there is still something to look at. */
  async stop(): Promise<void> {
    this.end();
    await this.read();
  }

  end(): void {
    this.ended = true;
    clearTimeout(this.wall);
    clearTimeout(this.look);
  }

  private async watch(): Promise<void> {
    await this.read();
    if (this.ended) return;
    const left = this.limits.processorMs - this.spent;
    if (left <= 0) return this.exceed('processor');
    // Several threads may use the time that is left in a part of it.
    const pause = Math.min(longestLookMs, Math.max(shortestLookMs, left / 2));
    this.look = setTimeout(() => void this.watch(), pause);
  }

  private async read(): Promise<void> {
    const now = await this.limits.processor().catch(() => null);
    if (now === null) return;
    this.first ??= now;
    this.spent = Math.max(this.spent, now - this.first);
  }

  private exceed(limit: 'processor' | 'wall'): void {
    this.end();
    this.limits.exceeded(limit);
  }
}
