import { expect, test } from 'vitest';

import { ReadIndex } from './read-index.ts';

/** A broker that answers when it is told to. */
class SlowBroker {
  readonly asked: PromiseWithResolvers<bigint>[] = [];

  ask = (): Promise<bigint> => {
    const question = Promise.withResolvers<bigint>();
    this.asked.push(question);
    return question.promise;
  };
}

test('who asks while a question is on its way gets the answer to the next one, shared', async () => {
  const broker = new SlowBroker();
  const index = new ReadIndex(broker.ask);
  const first = index.ask();
  // Written in between may be what these two have to see; the first question may have missed it.
  const second = index.ask();
  const third = index.ask();
  expect(broker.asked).toHaveLength(1);
  broker.asked[0]!.resolve(5n);
  expect(await first).toBe(5n);
  await new Promise(setImmediate);
  expect(broker.asked).toHaveLength(2);
  broker.asked[1]!.resolve(6n);
  expect(await Promise.all([second, third])).toEqual([6n, 6n]);
});

test('a question that fails is asked anew for those who came after it', async () => {
  const broker = new SlowBroker();
  const index = new ReadIndex(broker.ask);
  const first = index.ask();
  const second = index.ask();
  broker.asked[0]!.reject(new Error('away'));
  await expect(first).rejects.toThrow('away');
  await new Promise(setImmediate);
  broker.asked[1]!.resolve(1n);
  expect(await second).toBe(1n);
});
