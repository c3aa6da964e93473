import type { Clock } from './clock.ts';

/** What bounds the time a group spends between two generations. One thing is waited for at a time. */
export class RebalanceTimer {
  private cancelTimer: (() => void) | undefined;
  /** Set while an empty group gathers its first members (KIP-134): when that has to end. */
  private gathering: { readonly until: number; grew: boolean } | undefined;

  constructor(
    private readonly clock: Clock,
    /** How long the first members wait for others, ms. */
    private readonly initialDelay: number,
  ) {}

  get isGathering(): boolean {
    return this.gathering !== undefined;
  }

  /** Calls `act` after the initial delay, put off again while members arrive, though at most for so many milliseconds. */
  gather(atMost: number, act: () => void): void {
    this.cancel();
    this.gathering = { until: this.clock.now() + atMost, grew: false };
    this.gatherOn(Math.min(this.initialDelay, atMost), act);
  }

  /** A member has arrived. */
  noteArrival(): void {
    if (this.gathering) this.gathering.grew = true;
  }

  /** Calls `act` after so many milliseconds, unless something else is waited for before. */
  wait(milliseconds: number, act: () => void): void {
    this.cancel();
    this.cancelTimer = this.clock.after(milliseconds, act);
  }

  cancel(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.gathering = undefined;
  }

  private gatherOn(milliseconds: number, act: () => void): void {
    this.cancelTimer = this.clock.after(milliseconds, () => {
      const gathering = this.gathering;
      const left = (gathering?.until ?? 0) - this.clock.now();
      if (!gathering?.grew || left <= 0) {
        this.cancel();
        act();
        return;
      }
      gathering.grew = false;
      this.gatherOn(Math.min(this.initialDelay, left), act);
    });
  }
}
