import { WallClockMovedBack } from './errors.ts';

/** Compares the wall clock with the monotonic clock. */
export class WallClock {
  private offsetMs = Date.now() - performance.now();

  /** An error if the wall clock moved back by more than `toleranceMs` since the last call, otherwise undefined. */
  movedBack(toleranceMs: number): WallClockMovedBack | undefined {
    const before = this.offsetMs;
    this.offsetMs = Date.now() - performance.now();
    const backMs = before - this.offsetMs;
    return backMs > toleranceMs ? new WallClockMovedBack(backMs) : undefined;
  }
}
