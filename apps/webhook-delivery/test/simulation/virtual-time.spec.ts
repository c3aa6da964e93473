import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { VirtualTime } from './virtual-time.ts';

const inAnyOrder = (run: (time: VirtualTime, scheduler: fc.Scheduler) => Promise<void>) =>
  fc.assert(
    fc.asyncProperty(fc.scheduler(), (scheduler) => run(new VirtualTime(scheduler), scheduler)),
  );

test('a timer fires when it is due and has its turn, not before', () =>
  inAnyOrder(async (time, scheduler) => {
    const began = time.now();
    const fired: number[] = [];
    for (const ms of [10, 20, 30]) time.after(ms, `${ms}`, () => fired.push(ms));
    time.advance(9);
    expect([scheduler.count(), time.untilNext('any')]).toEqual([0, 1]);
    time.advance(15);
    expect(fired).toEqual([]);
    await scheduler.waitIdle();
    expect(fired.toSorted()).toEqual([10, 20]);
    expect([time.now() - began, time.untilNext('any')]).toEqual([24, 6]);
  }));

test('a canceled timer does not fire, even if its turn is next', () =>
  inAnyOrder(async (time, scheduler) => {
    let fired = 0;
    const [early, late] = [0, 1].map((n) => time.after(5 + n, 'some', () => fired++));
    early!();
    time.advance(10);
    late!();
    await scheduler.waitIdle();
    expect(fired).toBe(0);
    expect(time.untilNext('any')).toBeNull();
  }));

test('idle timers are distinguished from others', () =>
  inAnyOrder(async (time) => {
    time.after(5, 'looks', () => {}, true);
    expect([time.untilNext('any'), time.untilNext('not idle')]).toEqual([5, null]);
  }));
