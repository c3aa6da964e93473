import type { OutgoingRecord } from '@casewire/event-log';
import { expect, test } from 'vitest';

import { publishAll, publishAtRate } from './publish.ts';

const event = (n: number): OutgoingRecord => ({ topic: 'events', key: `${n}`, value: null });

/** Keeps the keys that were published, by call. */
class Calls {
  readonly keys: (string | null)[][] = [];
  readonly publish = async (records: OutgoingRecord[]) =>
    void this.keys.push(records.map(({ key }) => key));
}

test('all events are published once, in batches of a thousand', async () => {
  const calls = new Calls();
  await publishAll(calls, 2500, event);
  expect(calls.keys.map((keys) => keys.length)).toEqual([1000, 1000, 500]);
  expect(calls.keys.flat()).toEqual(Array.from({ length: 2500 }, (_, n) => `${n}`));
});

test('a rate publishes its events once, not before they are due', async () => {
  const calls = new Calls();
  const began = performance.now();
  const count = await publishAtRate(calls, { rate: 500, seconds: 0.2 }, event);
  const elapsed = performance.now() - began;
  expect(count).toBe(100);
  expect(calls.keys.flat()).toEqual(Array.from({ length: 100 }, (_, n) => `${n}`));
  // The last one is due 99 intervals of 2 ms after the first.
  expect(elapsed).toBeGreaterThanOrEqual(198);
});

test('a rate does not wait for the broker between events', async () => {
  let open = 0;
  let mostOpen = 0;
  const { promise: answered, resolve } = Promise.withResolvers<void>();
  const slow = {
    publish: async () => {
      mostOpen = Math.max(mostOpen, ++open);
      if (open === 5) resolve();
      await answered;
      open--;
    },
  };
  await publishAtRate(slow, { rate: 100, seconds: 0.5 }, event);
  expect(mostOpen).toBeGreaterThanOrEqual(5);
});
