import type { Clock } from '../src/groups/clock.ts';

interface Timer {
  readonly due: number;
  readonly act: () => void;
}

/** A clock that a test advances. */
export class ManualClock implements Clock {
  private time = 0;
  private readonly timers = new Set<Timer>();

  now(): number {
    return this.time;
  }

  after(milliseconds: number, act: () => void): () => void {
    const timer = { due: this.time + milliseconds, act };
    this.timers.add(timer);
    return () => this.timers.delete(timer);
  }

  /** Advances the time. Timers that become due run in order, each at its time. */
  advance(milliseconds: number): void {
    const end = this.time + milliseconds;
    for (;;) {
      const [next] = [...this.timers]
        .filter(({ due }) => due <= end)
        .toSorted((a, b) => a.due - b.due);
      if (!next) break;
      this.timers.delete(next);
      this.time = next.due;
      next.act();
    }
    this.time = end;
  }

  get pendingTimers(): number {
    return this.timers.size;
  }
}
