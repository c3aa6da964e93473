import type { Scheduler } from 'fast-check';

import { VirtualClock } from '../memory-lane-store/virtual-clock.ts';

interface Timer {
  due: number;
  label: string;
  /** A periodic check whether something is due. */
  idle: boolean;
  fire: () => void;
}

/**
 * A clock that advances only by `advance`, and turns that the scheduler gives in any order. A timer never fires before it is
 * due; once due, it waits for its turn like everything else, however late that is.
 */
export class VirtualTime {
  private readonly clock = new VirtualClock();
  private readonly timers = new Set<Timer>();

  constructor(private readonly scheduler: Scheduler) {}

  readonly now = (): number => this.clock.now();

  /** Resolves when the scheduler gives this turn. */
  turn(label: string): Promise<void> {
    return this.scheduler.schedule(Promise.resolve(), label);
  }

  atTurn(label: string, act: () => void): void {
    void this.turn(label).then(act);
  }

  /** @returns a function that cancels the timer */
  after(ms: number, label: string, act: () => void, idle = false): () => void {
    let canceled = false;
    const fire = () => {
      if (!canceled) act();
    };
    const timer = { due: this.now() + ms, label, fire, idle };
    this.timers.add(timer);
    return () => {
      canceled = true;
      this.timers.delete(timer);
    };
  }

  advance(ms: number): void {
    this.clock.advance(ms);
    for (const timer of this.timers) {
      if (timer.due > this.now()) continue;
      this.timers.delete(timer);
      this.atTurn(timer.label, timer.fire);
    }
  }

  /** Milliseconds until the next timer is due; null if there is none. */
  untilNext(which: 'any' | 'not idle'): number | null {
    let next = Infinity;
    for (const { due, idle } of this.timers)
      if (which === 'any' || !idle) next = Math.min(next, due);
    return next === Infinity ? null : Math.max(0, next - this.now());
  }
}
