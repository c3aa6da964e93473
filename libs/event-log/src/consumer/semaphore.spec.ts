import { expect, test } from 'vitest';

import { Semaphore } from './semaphore.ts';

const never = new AbortController().signal;

/** Whether a promise is settled by now. */
async function isSettled(promise: Promise<unknown>): Promise<boolean> {
  let settled = false;
  void promise.then(() => (settled = true));
  await new Promise(setImmediate);
  return settled;
}

test('no more permits are granted than there are, in the order of acquire', async () => {
  const semaphore = new Semaphore(2);
  semaphore.open();
  const permits = [1, 2, 3, 4].map(() => semaphore.acquire(never));
  expect(await Promise.all(permits.slice(0, 2))).toEqual([true, true]);
  expect(await isSettled(permits[2]!)).toBe(false);
  semaphore.release();
  expect(await permits[2]).toBe(true);
  expect(await isSettled(permits[3]!)).toBe(false);
  expect(semaphore.inUse).toBe(2);
});

test('a closed semaphore grants no permits, and granted ones stay valid', async () => {
  const semaphore = new Semaphore(2);
  const early = semaphore.acquire(never);
  expect(await isSettled(early)).toBe(false);
  semaphore.open();
  expect(await early).toBe(true);
  semaphore.close();
  const late = semaphore.acquire(never);
  semaphore.release();
  expect(await isSettled(late)).toBe(false);
  semaphore.open();
  expect(await late).toBe(true);
});

test('an aborted acquire gets no permit, and uses none', async () => {
  const semaphore = new Semaphore(1);
  semaphore.open();
  await semaphore.acquire(never);
  const controller = new AbortController();
  const aborted = semaphore.acquire(controller.signal);
  const next = semaphore.acquire(never);
  controller.abort();
  expect(await aborted).toBe(false);
  expect(await semaphore.acquire(controller.signal)).toBe(false);
  semaphore.release();
  expect(await next).toBe(true);
});

test('a semaphore is idle when the last permit is released', async () => {
  const semaphore = new Semaphore(2);
  semaphore.open();
  await semaphore.idle();
  await semaphore.acquire(never);
  await semaphore.acquire(never);
  const idle = semaphore.idle();
  semaphore.release();
  expect(await isSettled(idle)).toBe(false);
  semaphore.release();
  await idle;
  expect(semaphore.inUse).toBe(0);
});
