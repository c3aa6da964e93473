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

test('no more slots are given than there are, in the order of asking', async () => {
  const slots = new Semaphore(2);
  slots.open();
  const claims = [1, 2, 3, 4].map(() => slots.acquire(never));
  expect(await Promise.all(claims.slice(0, 2))).toEqual([true, true]);
  expect(await isSettled(claims[2]!)).toBe(false);
  slots.release();
  expect(await claims[2]).toBe(true);
  expect(await isSettled(claims[3]!)).toBe(false);
  expect(slots.inUse).toBe(2);
});

test('closed slots are not given, and who has one keeps it', async () => {
  const slots = new Semaphore(2);
  const early = slots.acquire(never);
  expect(await isSettled(early)).toBe(false);
  slots.open();
  expect(await early).toBe(true);
  slots.close();
  const late = slots.acquire(never);
  slots.release();
  expect(await isSettled(late)).toBe(false);
  slots.open();
  expect(await late).toBe(true);
});

test('who does not want to wait any longer gets none, and takes none', async () => {
  const slots = new Semaphore(1);
  slots.open();
  await slots.acquire(never);
  const impatient = new AbortController();
  const claim = slots.acquire(impatient.signal);
  const next = slots.acquire(never);
  impatient.abort();
  expect(await claim).toBe(false);
  expect(await slots.acquire(impatient.signal)).toBe(false);
  slots.release();
  expect(await next).toBe(true);
});

test('slots are idle once the last is given back', async () => {
  const slots = new Semaphore(2);
  slots.open();
  await slots.idle();
  await slots.acquire(never);
  await slots.acquire(never);
  const idle = slots.idle();
  slots.release();
  expect(await isSettled(idle)).toBe(false);
  slots.release();
  await idle;
  expect(slots.inUse).toBe(0);
});
