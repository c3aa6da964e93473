import { beforeEach, expect, test, vi } from 'vitest';

import { namedId, resultOf } from '../../../test/events.ts';
import { claimedHead, KeptLog, ScriptedStore } from '../../../test/scripted-store.ts';
import type { AttemptResult } from '../../model/lane-store.ts';
import type { Timer } from '../../model/timer.ts';
import { AttemptWriter } from './attempt-writer.ts';

/** However busy the machine is. */
const patience = { timeout: 20_000 };

let lanes: ScriptedStore;
let log: KeptLog;
let time: number;
let writes: string[][];
beforeEach(() => {
  [lanes, log, time, writes] = [new ScriptedStore(), new KeptLog(), 0, []];
  lanes.beforeFinish = (outcomes) => void writes.push(namesOf(outcomes));
});
const namesOf = (outcomes: readonly AttemptResult[]) => outcomes.map(({ laneId }) => laneId);
const outcome = (laneId: number | string) => resultOf(claimedHead({ laneId: String(laneId) }));
const writer = () => new AttemptWriter(lanes, namedId('leaseHolder'), log, () => time);
const gone = () => Object.assign(new Error('no database'), { code: 'ECONNREFUSED' });
const unwritable = () => Object.assign(new Error('no text'), { code: '22P05' });
const recorded = () => namesOf(lanes.results).toSorted();

test('what is answered at the same time is written together', async () => {
  const one = writer();
  await Promise.all([1, 2, 3].map((n) => one.write(outcome(n), 30_000)));
  expect(writes).toEqual([['1', '2', '3']]);
});

test('an outcome is written 5 ms after its answer at the latest, whatever else is still awaited', async () => {
  const waits: { ms: number; go: () => void }[] = [];
  const later: Timer = (ms, go) => {
    waits.push({ ms, go });
    return () => {};
  };
  const one = new AttemptWriter(lanes, namedId('leaseHolder'), log, () => time, later);
  const written = [one.write(outcome(1), 30_000), one.write(outcome(2), 30_000)];
  expect(waits.map(({ ms }) => ms)).toEqual([5]);
  expect(writes).toEqual([]);
  waits[0]!.go();
  // In the same turn, without waiting for anything.
  expect(writes).toEqual([['1', '2']]);
  await Promise.all(written);
  expect(recorded()).toEqual(['1', '2']);
});

test('a write that takes long keeps others from waiting only so far, and what waits goes together', async () => {
  const slow = Promise.withResolvers<void>();
  lanes.beforeFinish = (outcomes) => {
    writes.push(namesOf(outcomes));
    return slow.promise;
  };
  const waits: (() => void)[] = [];
  const later: Timer = (_ms, go) => {
    waits.push(go);
    return () => {};
  };
  const one = new AttemptWriter(lanes, namedId('leaseHolder'), log, () => time, later);
  const written = [];
  for (let n = 1; n <= 4; n++) {
    written.push(one.write(outcome(n), 30_000));
    waits.shift()!();
    expect(writes).toHaveLength(n);
  }
  written.push(...[5, 6, 7].map((n) => one.write(outcome(n), 30_000)));
  // Four are under way: nobody waits for another 5 ms.
  expect(waits).toEqual([]);
  slow.resolve();
  await vi.waitFor(() => expect(waits).toHaveLength(1), patience);
  waits.shift()!();
  await Promise.all(written);
  expect(writes.at(-1)).toEqual(['5', '6', '7']);
});

test('what could not be written is written again until it is on record, also beyond its lease', async () => {
  let failures = 3;
  lanes.beforeFinish = () => {
    time += 20_000;
    if (failures-- > 0) throw gone();
  };
  await writer().write(outcome(1), 30_000);
  expect(recorded()).toEqual(['1']);
  expect(log.events).toEqual([
    'outcomes.not-written',
    'outcomes.not-written',
    'outcomes.not-written',
  ]);
});

test('once stopped it tries for as long as the lease lasts, then says what is lost and lets go', async () => {
  lanes.beforeFinish = () => {
    time += 12_000;
    throw gone();
  };
  const one = writer();
  one.stop();
  await one.write(outcome(1), 30_000);
  expect(recorded()).toEqual([]);
  expect(log.events).toEqual([...Array<string>(3).fill('outcomes.not-written'), 'outcome.lost']);
});

test('one that cannot be written keeps none of the others from it', async () => {
  lanes.beforeFinish = (outcomes) => {
    if (namesOf(outcomes).includes('2')) throw unwritable();
  };
  const one = writer();
  await Promise.all([1, 2, 3].map((n) => one.write(outcome(n), 30_000)));
  expect(recorded()).toEqual(['1', '3']);
  expect(log.lines.filter(({ event }) => event === 'outcome.lost')).toHaveLength(1);
});

test('while one by one is tried the database may go away, too', async () => {
  let away = 2;
  lanes.beforeFinish = (outcomes) => {
    if (namesOf(outcomes).includes('2')) throw unwritable();
    if (outcomes.length === 1 && away-- > 0) throw gone();
  };
  const one = writer();
  await Promise.all([1, 2, 3].map((n) => one.write(outcome(n), 30_000)));
  expect(recorded()).toEqual(['1', '3']);
});
