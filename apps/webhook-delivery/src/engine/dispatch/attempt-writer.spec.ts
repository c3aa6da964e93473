import { beforeEach, expect, test, vi } from 'vitest';

import { namedId, resultOf } from '../../../test/events.ts';
import { claimedHead, KeptLog, ScriptedStore } from '../../../test/scripted-store.ts';
import type { AttemptResult } from '../../model/lane-store.ts';
import type { Timer } from '../../model/timer.ts';
import { AttemptWriter } from './attempt-writer.ts';

/** Long enough for a busy machine. */
const patience = { timeout: 20_000 };

let store: ScriptedStore;
let log: KeptLog;
let time: number;
let writes: string[][];
beforeEach(() => {
  [store, log, time, writes] = [new ScriptedStore(), new KeptLog(), 0, []];
  store.beforeRecord = (results) => void writes.push(laneIdsOf(results));
});
const laneIdsOf = (results: readonly AttemptResult[]) => results.map(({ laneId }) => laneId);
const result = (laneId: number | string) => resultOf(claimedHead({ laneId: String(laneId) }));
const writer = () => new AttemptWriter(store, namedId('leaseHolder'), log, () => time);
const databaseAway = () => Object.assign(new Error('no database'), { code: 'ECONNREFUSED' });
const rejected = () => Object.assign(new Error('no text'), { code: '22P05' });
const recorded = () => laneIdsOf(store.results).toSorted();

test('results that arrive at the same time are recorded together', async () => {
  const one = writer();
  await Promise.all([1, 2, 3].map((n) => one.write(result(n), 30_000)));
  expect(writes).toEqual([['1', '2', '3']]);
});

test('a result is recorded within 5 ms, whatever other responses are awaited', async () => {
  const timers: { ms: number; fire: () => void }[] = [];
  const timer: Timer = (ms, fire) => {
    timers.push({ ms, fire });
    return () => {};
  };
  const one = new AttemptWriter(store, namedId('leaseHolder'), log, () => time, timer);
  const written = [one.write(result(1), 30_000), one.write(result(2), 30_000)];
  expect(timers.map(({ ms }) => ms)).toEqual([5]);
  expect(writes).toEqual([]);
  timers[0]!.fire();
  // In the same turn, without waiting for anything.
  expect(writes).toEqual([['1', '2']]);
  await Promise.all(written);
  expect(recorded()).toEqual(['1', '2']);
});

test('at most four writes run at the same time, and the results that wait for them are recorded together', async () => {
  const slow = Promise.withResolvers<void>();
  store.beforeRecord = (results) => {
    writes.push(laneIdsOf(results));
    return slow.promise;
  };
  const timers: (() => void)[] = [];
  const timer: Timer = (_ms, fire) => {
    timers.push(fire);
    return () => {};
  };
  const one = new AttemptWriter(store, namedId('leaseHolder'), log, () => time, timer);
  const written = [];
  for (let n = 1; n <= 4; n++) {
    written.push(one.write(result(n), 30_000));
    timers.shift()!();
    expect(writes).toHaveLength(n);
  }
  written.push(...[5, 6, 7].map((n) => one.write(result(n), 30_000)));
  // Four writes are running: no further timer starts.
  expect(timers).toEqual([]);
  slow.resolve();
  await vi.waitFor(() => expect(timers).toHaveLength(1), patience);
  timers.shift()!();
  await Promise.all(written);
  expect(writes.at(-1)).toEqual(['5', '6', '7']);
});

test('a failed write is repeated until the results are recorded, also after their lease', async () => {
  let failures = 3;
  store.beforeRecord = () => {
    time += 20_000;
    if (failures-- > 0) throw databaseAway();
  };
  await writer().write(result(1), 30_000);
  expect(recorded()).toEqual(['1']);
  expect(log.events).toEqual([
    'attempt-results.not-recorded',
    'attempt-results.not-recorded',
    'attempt-results.not-recorded',
  ]);
});

test('a stopped writer repeats a write only during the lease, then logs the lost result', async () => {
  store.beforeRecord = () => {
    time += 12_000;
    throw databaseAway();
  };
  const one = writer();
  one.stop();
  await one.write(result(1), 30_000);
  expect(recorded()).toEqual([]);
  expect(log.events).toEqual([
    ...Array<string>(3).fill('attempt-results.not-recorded'),
    'attempt-result.lost',
  ]);
});

test('a result that the database rejects does not prevent the others', async () => {
  store.beforeRecord = (results) => {
    if (laneIdsOf(results).includes('2')) throw rejected();
  };
  const one = writer();
  await Promise.all([1, 2, 3].map((n) => one.write(result(n), 30_000)));
  expect(recorded()).toEqual(['1', '3']);
  expect(log.lines.filter(({ event }) => event === 'attempt-result.lost')).toHaveLength(1);
});

test('the database may become unavailable while results are recorded one by one', async () => {
  let away = 2;
  store.beforeRecord = (results) => {
    if (laneIdsOf(results).includes('2')) throw rejected();
    if (results.length === 1 && away-- > 0) throw databaseAway();
  };
  const one = writer();
  await Promise.all([1, 2, 3].map((n) => one.write(result(n), 30_000)));
  expect(recorded()).toEqual(['1', '3']);
});
