export interface WatchedLimits {
  /** Processor time in milliseconds, of which only differences are used; null while it is unknown. */
  processor: () => Promise<number | null>;
  /** Processor time that may be used from the first measurement on, in milliseconds. */
  processorMs: number;
  /** Elapsed time that is allowed, in milliseconds. Only a slow machine or a stopped process exceeds it. */
  wallMs: number;
  exceeded: (limit: 'processor' | 'wall') => void;
}

const minimumIntervalMs = 10;
const maximumIntervalMs = 250;

/**
 * Watches the processor time and the elapsed time of work in another process or thread. It measures more often as the limit
 * comes closer. A late measurement only lets the work continue: it is never a reason to end it.
 */
export class LimitWatch {
  private first: number | null = null;
  private spent = 0;
  private ended = false;
  private nextRead: NodeJS.Timeout | undefined;
  private readonly wall: NodeJS.Timeout;

  constructor(private readonly limits: WatchedLimits) {
    this.wall = setTimeout(() => this.exceed('wall'), limits.wallMs);
    void this.watch();
  }

  /** Measured processor time, in milliseconds. */
  get spentMs(): number {
    return this.spent;
  }

  /** Measures a last time and ends the watch. */
  async stop(): Promise<void> {
    this.end();
    await this.read();
  }

  /** Ends the watch without a measurement. */
  end(): void {
    this.ended = true;
    clearTimeout(this.wall);
    clearTimeout(this.nextRead);
  }

  private async watch(): Promise<void> {
    await this.read();
    if (this.ended) return;
    const left = this.limits.processorMs - this.spent;
    if (left <= 0) return this.exceed('processor');
    // Several threads together may use the remaining time in half of it.
    const interval = Math.min(maximumIntervalMs, Math.max(minimumIntervalMs, left / 2));
    this.nextRead = setTimeout(() => void this.watch(), interval);
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
