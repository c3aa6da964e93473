import { setImmediate as turn } from 'node:timers/promises';

import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import { samplesOf, testMetrics } from '../../test/read-metrics.ts';
import { measureEventLoop } from './event-loop.ts';

let read: () => Promise<Record<string, number>>;
let end: () => void;
beforeEach(() => {
  const metrics = testMetrics();
  read = () => samplesOf(metrics, 'nodejs_eventloop_delay');
  end = measureEventLoop(metrics.meter);
});
afterEach(() => end());

/** Blocks the event loop, and resolves when the timers that became due meanwhile have fired. */
async function block(ms: number): Promise<void> {
  const until = performance.now() + ms;
  while (performance.now() < until);
  await turn();
  await turn();
}
const patience = { timeout: 10_000, interval: 20 };
const max = 'nodejs_eventloop_delay_max_seconds';

test('a blocked event loop shows, and no longer after it was read', async () => {
  const seen = await vi.waitFor(async () => {
    // The first timer of a period only begins it.
    await block(400);
    const samples = await read();
    expect(samples[max]).toBeGreaterThan(0.3);
    return samples;
  }, patience);
  expect(Object.keys(seen)).toHaveLength(3);
  expect(seen.nodejs_eventloop_delay_p50_seconds).toBeLessThanOrEqual(seen[max]!);
  expect(seen.nodejs_eventloop_delay_p99_seconds).toBeLessThanOrEqual(seen[max]!);
  await vi.waitFor(async () => expect((await read())[max]).toBeLessThan(0.3), patience);
});

test('after its end nothing is measured', async () => {
  await vi.waitFor(async () => expect(await read()).toHaveProperty(max), patience);
  end();
  await read();
  for (let times = 0; times < 3; times++) await block(100);
  expect(await read()).toEqual({});
});
