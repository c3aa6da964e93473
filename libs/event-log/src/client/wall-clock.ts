import { WallClockMovedBack } from './errors.ts';

/** Watches the wall clock by the one that only goes forward. */
export class WallClock {
  private ahead = Date.now() - performance.now();

  /** That the wall clock went back by more than this since the last call, or undefined. */
  movedBack(toleranceMs: number): WallClockMovedBack | undefined {
    const before = this.ahead;
    this.ahead = Date.now() - performance.now();
    const backMs = before - this.ahead;
    return backMs > toleranceMs ? new WallClockMovedBack(backMs) : undefined;
  }
}
