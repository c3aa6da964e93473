import { expect, test } from 'vitest';

import { FairQueue } from './fair-queue.ts';

/** Enters in this order, and gives the names in the order in which they are let in; each leaves at once. */
async function orderOf(queue: FairQueue, entries: readonly [owner: string, name: string][]) {
  const admitted: string[] = [];
  await Promise.all(
    entries.map(async ([owner, name]) => {
      const leave = await queue.enter({ tenant: owner });
      admitted.push(name);
      leave();
    }),
  );
  return admitted;
}

test('no more are in at once than may be', async () => {
  const queue = new FairQueue({ atOnce: 2, longest: 10 });
  const leave = await queue.enter({ tenant: 'a' });
  await queue.enter({ tenant: 'a' });
  let third = false;
  const entering = queue.enter({ tenant: 'b' }).then(() => (third = true));
  await Promise.resolve();
  expect([third, queue.length]).toEqual([false, 1]);
  leave();
  // Leaving twice gives no second place back.
  leave();
  await entering;
  expect(queue.length).toBe(0);
  let fourth = false;
  void queue.enter({ tenant: 'b' }).then(() => (fourth = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(fourth).toBe(false);
});

test('owners take turns: one with many waiting does not delay the one of another', async () => {
  const queue = new FairQueue({ atOnce: 1, longest: 10 });
  const leave = await queue.enter({ tenant: 'a' });
  const order = orderOf(queue, [
    ['a', 'a1'],
    ['a', 'a2'],
    ['a', 'a3'],
    ['b', 'b1'],
    ['c', 'c1'],
    ['b', 'b2'],
  ]);
  leave();
  expect(await order).toEqual(['a1', 'b1', 'c1', 'a2', 'b2', 'a3']);
});

test('where the queue is full one more is refused, and may come again', async () => {
  const queue = new FairQueue({ atOnce: 1, longest: 1 });
  const leave = await queue.enter({ tenant: 'a' });
  const waiting = queue.enter({ tenant: 'a' });
  await expect(queue.enter({ tenant: 'a' })).rejects.toMatchObject({
    code: 'SANDBOX_BUSY',
    retriable: true,
  });
  leave();
  (await waiting)();
  await expect(queue.enter({ tenant: 'a' })).resolves.toBeTypeOf('function');
});

test('a full queue of one owner keeps no other one out: the last of the longest line is refused', async () => {
  const queue = new FairQueue({ atOnce: 1, longest: 2 });
  const leave = await queue.enter({ tenant: 'a' });
  const admitted: string[] = [];
  const enter = async (owner: string, name: string) => {
    const left = await queue.enter({ tenant: owner });
    admitted.push(name);
    left();
  };
  const [first, last, other] = [enter('a', 'a1'), enter('a', 'a2'), enter('b', 'b1')];
  await expect(last).rejects.toMatchObject({ code: 'SANDBOX_BUSY' });
  await expect(enter('c', 'c1')).rejects.toMatchObject({ code: 'SANDBOX_BUSY' });
  leave();
  await Promise.all([first, other]);
  expect(admitted).toEqual(['a1', 'b1']);
});

test('who insists waits also where the queue is full', async () => {
  const queue = new FairQueue({ atOnce: 1, longest: 0 });
  const leave = await queue.enter({ tenant: 'a' });
  const insisting = queue.enter({ tenant: 'b', insists: true });
  await expect(queue.enter({ tenant: 'c' })).rejects.toMatchObject({ code: 'SANDBOX_BUSY' });
  leave();
  await expect(insisting).resolves.toBeTypeOf('function');
});

test('who stops waiting leaves the line, and takes no turn', async () => {
  const queue = new FairQueue({ atOnce: 1, longest: 5 });
  const leave = await queue.enter({ tenant: 'a' });
  const controller = new AbortController();
  const left = queue.enter({ tenant: 'b', signal: controller.signal });
  const stays = queue.enter({ tenant: 'c' });
  controller.abort(new Error('enough'));
  await expect(left).rejects.toThrow('enough');
  expect(queue.length).toBe(1);
  leave();
  await expect(stays).resolves.toBeTypeOf('function');
});
