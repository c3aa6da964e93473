import { expect, test } from 'vitest';

import { FairQueue } from './fair-queue.ts';

/** Requests places in this order and resolves with the names in the order of admission; each place is released at once. */
async function orderOf(
  queue: FairQueue,
  entries: readonly [organizationId: string, name: string][],
) {
  const admitted: string[] = [];
  await Promise.all(
    entries.map(async ([organizationId, name]) => {
      const release = await queue.acquire({ organizationId });
      admitted.push(name);
      release();
    }),
  );
  return admitted;
}

test('no more places are given than there are', async () => {
  const queue = new FairQueue({ concurrency: 2, maximumWaiting: 10 });
  const release = await queue.acquire({ organizationId: 'a' });
  await queue.acquire({ organizationId: 'a' });
  let third = false;
  const entering = queue.acquire({ organizationId: 'b' }).then(() => (third = true));
  await Promise.resolve();
  expect([third, queue.length]).toEqual([false, 1]);
  release();
  // A second release of a place does nothing.
  release();
  await entering;
  expect(queue.length).toBe(0);
  let fourth = false;
  void queue.acquire({ organizationId: 'b' }).then(() => (fourth = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(fourth).toBe(false);
});

test('organizations take turns: many requests of one do not delay the request of another', async () => {
  const queue = new FairQueue({ concurrency: 1, maximumWaiting: 10 });
  const release = await queue.acquire({ organizationId: 'a' });
  const order = orderOf(queue, [
    ['a', 'a1'],
    ['a', 'a2'],
    ['a', 'a3'],
    ['b', 'b1'],
    ['c', 'c1'],
    ['b', 'b2'],
  ]);
  release();
  expect(await order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
});

test('a request to a full queue is refused, and may be repeated', async () => {
  const queue = new FairQueue({ concurrency: 1, maximumWaiting: 1 });
  const release = await queue.acquire({ organizationId: 'a' });
  const waiting = queue.acquire({ organizationId: 'a' });
  await expect(queue.acquire({ organizationId: 'a' })).rejects.toMatchObject({
    code: 'SANDBOX_BUSY',
    retriable: true,
  });
  release();
  (await waiting)();
  await expect(queue.acquire({ organizationId: 'a' })).resolves.toBeTypeOf('function');
});

test('a full queue of one organization does not block another: the last request of the longest list is refused', async () => {
  const queue = new FairQueue({ concurrency: 1, maximumWaiting: 2 });
  const release = await queue.acquire({ organizationId: 'a' });
  const admitted: string[] = [];
  const enter = async (organizationId: string, name: string) => {
    const leave = await queue.acquire({ organizationId });
    admitted.push(name);
    leave();
  };
  const [first, last, other] = [enter('a', 'a1'), enter('a', 'a2'), enter('b', 'b1')];
  await expect(last).rejects.toMatchObject({ code: 'SANDBOX_BUSY' });
  await expect(enter('c', 'c1')).rejects.toMatchObject({ code: 'SANDBOX_BUSY' });
  release();
  await Promise.all([first, other]);
  expect(admitted).toEqual(['a1', 'b1']);
});

test('a request that always waits is queued also where the queue is full', async () => {
  const queue = new FairQueue({ concurrency: 1, maximumWaiting: 0 });
  const release = await queue.acquire({ organizationId: 'a' });
  const waiting = queue.acquire({ organizationId: 'b', alwaysWaits: true });
  await expect(queue.acquire({ organizationId: 'c' })).rejects.toMatchObject({
    code: 'SANDBOX_BUSY',
  });
  release();
  await expect(waiting).resolves.toBeTypeOf('function');
});

test('an aborted request leaves the queue and takes no turn', async () => {
  const queue = new FairQueue({ concurrency: 1, maximumWaiting: 5 });
  const release = await queue.acquire({ organizationId: 'a' });
  const controller = new AbortController();
  const left = queue.acquire({ organizationId: 'b', signal: controller.signal });
  const stays = queue.acquire({ organizationId: 'c' });
  controller.abort(new Error('aborted'));
  await expect(left).rejects.toThrow('aborted');
  expect(queue.length).toBe(1);
  release();
  await expect(stays).resolves.toBeTypeOf('function');
});
