import type { Clock } from './clock.ts';

/** Limits the time between two generations of a group. One wait runs at a time. */
export class RebalanceTimer {
  private cancelTimer: (() => void) | undefined;
  /** Set while an empty group waits for its first members (KIP-134); `until` is the latest end. */
  private gathering: { readonly until: number; grew: boolean } | undefined;

  constructor(
    private readonly clock: Clock,
    /** How long the first members wait for others, in milliseconds. */
    private readonly initialDelay: number,
  ) {}

  get isGathering(): boolean {
    return this.gathering !== undefined;
  }

  /** Calls `act` after the initial delay, which starts again when members arrive; after `atMost` milliseconds at the latest. */
  gather(atMost: number, act: () => void): void {
    this.cancel();
    this.gathering = { until: this.clock.now() + atMost, grew: false };
    this.continueGathering(Math.min(this.initialDelay, atMost), act);
  }

  /** A member has arrived. */
  noteArrival(): void {
    if (this.gathering) this.gathering.grew = true;
  }

  /** Calls `act` after this time, unless another wait starts before. */
  wait(milliseconds: number, act: () => void): void {
    this.cancel();
    this.cancelTimer = this.clock.after(milliseconds, act);
  }

  cancel(): void {
    this.cancelTimer?.();
    this.cancelTimer = undefined;
    this.gathering = undefined;
  }

  private continueGathering(milliseconds: number, act: () => void): void {
    this.cancelTimer = this.clock.after(milliseconds, () => {
      const gathering = this.gathering;
      const left = (gathering?.until ?? 0) - this.clock.now();
      if (!gathering?.grew || left <= 0) {
        this.cancel();
        act();
        return;
      }
      gathering.grew = false;
      this.continueGathering(Math.min(this.initialDelay, left), act);
    });
  }
}
