import { expect, test } from 'vitest';

import { endpoint, Partition } from '../events.ts';
import { describeLaneStore } from '../lane-store/lane-store.suite.ts';
import { inspectMemory } from './inspect-memory.ts';
import { MemoryLaneStore } from './memory-lane-store.ts';
import { MemoryTables } from './memory-tables.ts';
import { VirtualClock } from './virtual-clock.ts';

describeLaneStore('the lane store in memory', async () => {
  const clock = new VirtualClock();
  const tables = new MemoryTables(clock);
  return {
    store: new MemoryLaneStore(tables),
    inspect: inspectMemory(tables, clock),
    clear: async () => tables.clear(),
    close: async () => {},
  };
});

test('a step that fails before its effect has none, and one whose response is lost has its effect', async () => {
  const tables = new MemoryTables(new VirtualClock());
  const failing = { at: '' };
  const point = (at: 'before' | 'after') => async (step: string) => {
    if (failing.at === `${at} ${step}`) throw new Error(failing.at);
  };
  const points = { before: point('before'), after: point('after') };
  const store = new MemoryLaneStore(tables, { points });
  const partition = new Partition();

  failing.at = 'before ingest';
  await expect(store.ingest(partition.batch([endpoint()], {}))).rejects.toThrow('before ingest');
  expect(tables.events.size).toBe(0);

  failing.at = 'after ingest';
  await expect(store.ingest(partition.batch([endpoint()], {}))).rejects.toThrow('after ingest');
  expect(tables.events.size).toBe(1);
});
