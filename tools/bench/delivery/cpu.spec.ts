import { spawn } from 'node:child_process';
import { once } from 'node:events';

import { expect, test } from 'vitest';

import { coresOf, cpuOf, cpuOfTree, perThousand, watchCpu } from './cpu.ts';

/** Uses this much processor time in this process. */
function work(ms: number): void {
  const { user, system } = process.cpuUsage();
  for (let used = 0; used < ms;) {
    const now = process.cpuUsage();
    used = (now.user + now.system - user - system) / 1000;
  }
}

test('the time of a process is counted from the start of the watch', () => {
  const used = watchCpu({ own: process.pid });
  work(200);
  const { cpuMs, elapsedMs } = used();
  // Resolution: two readings of 10 ms each.
  expect(cpuMs.own).toBeGreaterThanOrEqual(180);
  expect(elapsedMs).toBeGreaterThanOrEqual(180);
});

test('a process that starts during the watch is counted from its start', () => {
  work(50);
  const used = watchCpu({});
  expect(used({ own: process.pid }).cpuMs.own).toBeGreaterThanOrEqual(40);
});

test('children that have ended count for the tree, and not for the process', async () => {
  const before = { own: cpuOf(process.pid), tree: cpuOfTree(process.pid) };
  const busy = 'for (const until = performance.now() + 300; performance.now() < until;);';
  const child = spawn(process.execPath, ['-e', busy], { stdio: 'ignore' });
  await once(child, 'exit');
  const own = cpuOf(process.pid) - before.own;
  const tree = cpuOfTree(process.pid) - before.tree;
  expect(tree - own).toBeGreaterThanOrEqual(50);
});

test('cores and time for a thousand are of the named parts', () => {
  const usage = { elapsedMs: 2000, cpuMs: { delivery: 500, postgres: 300, driver: 1200 } };
  expect(coresOf(usage, 'delivery', 'postgres')).toBe(0.4);
  expect(coresOf(usage)).toBe(1);
  expect(perThousand(usage, 1000)).toEqual({ delivery: 0.5, postgres: 0.3, driver: 1.2 });
});
