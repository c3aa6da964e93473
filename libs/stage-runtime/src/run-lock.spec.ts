import { setImmediate as turn } from 'node:timers/promises';

import { beforeEach, expect, test } from 'vitest';

import { RunLock } from './run-lock.ts';

let lock: RunLock;
let granted: string[];
let releases: Record<string, () => void>;
beforeEach(() => {
  lock = new RunLock();
  granted = [];
  releases = {};
});

/** Requests the lock; `granted` contains the name while it is granted. */
async function request(
  name: string,
  mode: 'shared' | 'exclusive',
  signal = new AbortController().signal,
): Promise<void> {
  const unlock = await lock.acquire(mode, signal);
  granted.push(name);
  releases[name] = () => {
    granted.splice(granted.indexOf(name), 1);
    unlock();
  };
}
async function release(name: string): Promise<void> {
  releases[name]!();
  await turn();
}

test('the shared lock is granted to several at the same time', async () => {
  await Promise.all([request('a', 'shared'), request('b', 'shared')]);
  expect(granted).toEqual(['a', 'b']);
});

test('an exclusive request waits for earlier ones, and later ones wait for its release', async () => {
  void request('a', 'shared');
  void request('b', 'shared');
  void request('exclusive', 'exclusive');
  void request('c', 'shared');
  void request('second exclusive', 'exclusive');
  await turn();
  expect(granted).toEqual(['a', 'b']);
  await release('a');
  expect(granted).toEqual(['b']);
  await release('b');
  expect(granted).toEqual(['exclusive']);
  await release('exclusive');
  expect(granted).toEqual(['c']);
  await release('c');
  expect(granted).toEqual(['second exclusive']);
});

test('an aborted request is not granted, and does not block later ones', async () => {
  void request('a', 'shared');
  const controller = new AbortController();
  const aborted = request('exclusive', 'exclusive', controller.signal);
  void request('b', 'shared');
  await turn();
  expect(granted).toEqual(['a']);
  controller.abort(new Error('the partition was revoked'));
  await expect(aborted).rejects.toThrow('the partition was revoked');
  expect(granted).toEqual(['a', 'b']);
  await expect(request('late', 'exclusive', controller.signal)).rejects.toThrow('revoked');
});

test('a second release does nothing', async () => {
  const unlock = await lock.acquire('shared', new AbortController().signal);
  await request('b', 'shared');
  unlock();
  unlock();
  void request('exclusive', 'exclusive');
  await turn();
  expect(granted).toEqual(['b']);
  await release('b');
  expect(granted).toEqual(['exclusive']);
});
