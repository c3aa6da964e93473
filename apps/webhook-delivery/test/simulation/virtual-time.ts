import type { Scheduler } from 'fast-check';

import { VirtualClock } from '../memory-lane-store/virtual-clock.ts';

interface Timer {
  due: number;
  label: string;
  /** Nothing but a look whether something is due. */
  idle: boolean;
  goOff: () => void;
}

/**
 * Time that passes only when it is told to, and turns that the scheduler gives in any order. A timer never goes off before it is
 * due; once it is, it waits for its turn like everything else, however late that is.
 */
export class VirtualTime {
  private readonly clock = new VirtualClock();
  private readonly timers = new Set<Timer>();

  constructor(private readonly scheduler: Scheduler) {}

  readonly now = (): number => this.clock.now();

  /** Goes on when the scheduler says so. */
  turn(label: string): Promise<void> {
    return this.scheduler.schedule(Promise.resolve(), label);
  }

  atTurn(label: string, act: () => void): void {
    void this.turn(label).then(act);
  }

  /** @returns what takes it back */
  after(ms: number, label: string, act: () => void, idle = false): () => void {
    let canceled = false;
    const goOff = () => {
      if (!canceled) act();
    };
    const timer = { due: this.now() + ms, label, goOff, idle };
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
      this.atTurn(timer.label, timer.goOff);
    }
  }

  /** Until the next timer goes off; null where there is none. */
  untilNext(which: 'any' | 'not idle'): number | null {
    let next = Infinity;
    for (const { due, idle } of this.timers)
      if (which === 'any' || !idle) next = Math.min(next, due);
    return next === Infinity ? null : Math.max(0, next - this.now());
  }
}
