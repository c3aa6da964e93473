import { setImmediate as turn } from 'node:timers/promises';

import { beforeEach, expect, test } from 'vitest';

import { RunLock } from './run-lock.ts';

let lock: RunLock;
let held: string[];
let releases: Record<string, () => void>;
beforeEach(() => {
  lock = new RunLock();
  held = [];
  releases = {};
});

/** Asks for the lock; `held` has the name from when it is granted until it is released. */
async function ask(
  name: string,
  mode: 'shared' | 'exclusive',
  signal = new AbortController().signal,
): Promise<void> {
  const free = await lock.acquire(mode, signal);
  held.push(name);
  releases[name] = () => {
    held.splice(held.indexOf(name), 1);
    free();
  };
}
async function release(name: string): Promise<void> {
  releases[name]!();
  await turn();
}

test('shared holders work at the same time', async () => {
  await Promise.all([ask('a', 'shared'), ask('b', 'shared')]);
  expect(held).toEqual(['a', 'b']);
});

test('an exclusive holder waits for those before it, and those after it wait for its end', async () => {
  void ask('a', 'shared');
  void ask('b', 'shared');
  void ask('alone', 'exclusive');
  void ask('c', 'shared');
  void ask('second alone', 'exclusive');
  await turn();
  expect(held).toEqual(['a', 'b']);
  await release('a');
  expect(held).toEqual(['b']);
  await release('b');
  expect(held).toEqual(['alone']);
  await release('alone');
  expect(held).toEqual(['c']);
  await release('c');
  expect(held).toEqual(['second alone']);
});

test('who gives up waiting holds nothing, and lets those behind it go on', async () => {
  void ask('a', 'shared');
  const controller = new AbortController();
  const alone = ask('alone', 'exclusive', controller.signal);
  void ask('b', 'shared');
  await turn();
  expect(held).toEqual(['a']);
  controller.abort(new Error('the partition was revoked'));
  await expect(alone).rejects.toThrow('the partition was revoked');
  expect(held).toEqual(['a', 'b']);
  await expect(ask('late', 'exclusive', controller.signal)).rejects.toThrow('revoked');
});

test('a lock that is released twice is released once', async () => {
  const free = await lock.acquire('shared', new AbortController().signal);
  await ask('b', 'shared');
  free();
  free();
  void ask('alone', 'exclusive');
  await turn();
  expect(held).toEqual(['b']);
  await release('b');
  expect(held).toEqual(['alone']);
});
