import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { VirtualTime } from './virtual-time.ts';

const inAnyOrder = (run: (time: VirtualTime, scheduler: fc.Scheduler) => Promise<void>) =>
  fc.assert(
    fc.asyncProperty(fc.scheduler(), (scheduler) => run(new VirtualTime(scheduler), scheduler)),
  );

test('a timer goes off when its time has come and it has its turn, not before', () =>
  inAnyOrder(async (time, scheduler) => {
    const began = time.now();
    const wentOff: number[] = [];
    for (const ms of [10, 20, 30]) time.after(ms, `${ms}`, () => wentOff.push(ms));
    time.advance(9);
    expect([scheduler.count(), time.untilNext('any')]).toEqual([0, 1]);
    time.advance(15);
    expect(wentOff).toEqual([]);
    await scheduler.waitIdle();
    expect(wentOff.toSorted()).toEqual([10, 20]);
    expect([time.now() - began, time.untilNext('any')]).toEqual([24, 6]);
  }));

test('a timer that is taken back does not go off, not even when its turn would have been next', () =>
  inAnyOrder(async (time, scheduler) => {
    let wentOff = 0;
    const [early, late] = [0, 1].map((n) => time.after(5 + n, 'some', () => wentOff++));
    early!();
    time.advance(10);
    late!();
    await scheduler.waitIdle();
    expect(wentOff).toBe(0);
    expect(time.untilNext('any')).toBeNull();
  }));

test('what only looks is told from what waits for something', () =>
  inAnyOrder(async (time) => {
    time.after(5, 'looks', () => {}, true);
    expect([time.untilNext('any'), time.untilNext('not idle')]).toEqual([5, null]);
  }));
