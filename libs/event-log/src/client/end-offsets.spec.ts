import { expect, test } from 'vitest';

import { EndOffsets, type Ends } from './end-offsets.ts';

/** A broker that answers when it is told to. */
class SlowBroker {
  readonly asked: { topics: string[]; answer: PromiseWithResolvers<Map<string, Ends>> }[] = [];

  readonly ends = new EndOffsets((topics) => {
    const answer = Promise.withResolvers<Map<string, Ends>>();
    this.asked.push({ topics, answer });
    return answer.promise;
  });

  /** These were asked for before. */
  async knows(...topics: string[]): Promise<void> {
    for (const topic of topics) {
      const asked = this.ends.ask(topic);
      this.answer(0, 0n);
      await asked;
      this.asked.splice(0);
    }
  }

  answer(question: number, end: bigint): void {
    const { topics, answer } = this.asked[question]!;
    answer.resolve(new Map(topics.map((topic) => [topic, new Map([[0, end]])])));
  }
}

const turn = () => new Promise(setImmediate);

test('who asks while a question is on its way gets the answer to the next one, shared', async () => {
  const broker = new SlowBroker();
  await broker.knows('a');
  const first = broker.ends.ask('a');
  await turn();
  // Written in between may be what these two have to see; the first question may have missed it.
  const second = broker.ends.ask('a');
  const third = broker.ends.ask('a');
  await turn();
  expect(broker.asked).toHaveLength(1);
  broker.answer(0, 5n);
  expect(await first).toEqual(new Map([[0, 5n]]));
  await turn();
  expect(broker.asked).toHaveLength(2);
  broker.answer(1, 6n);
  expect(await Promise.all([second, third])).toEqual([new Map([[0, 6n]]), new Map([[0, 6n]])]);
});

test('what is asked in one turn of several topics is one question', async () => {
  const broker = new SlowBroker();
  await broker.knows('a', 'b');
  const answers = Promise.all(['a', 'b', 'a'].map((topic) => broker.ends.ask(topic)));
  await turn();
  expect(broker.asked.map(({ topics }) => topics)).toEqual([['a', 'b']]);
  broker.answer(0, 2n);
  expect(await answers).toEqual(Array.from({ length: 3 }, () => new Map([[0, 2n]])));
});

test('a question that fails is asked anew for those who came after it', async () => {
  const broker = new SlowBroker();
  await broker.knows('a');
  const first = broker.ends.ask('a');
  await turn();
  const second = broker.ends.ask('a');
  broker.asked[0]!.answer.reject(new Error('away'));
  await expect(first).rejects.toThrow('away');
  await turn();
  broker.answer(1, 1n);
  expect(await second).toEqual(new Map([[0, 1n]]));
});

test('for a topic of which nothing was heard yet nobody else waits', async () => {
  const broker = new SlowBroker();
  await broker.knows('known');
  const missing = broker.ends.ask('missing');
  const known = broker.ends.ask('known');
  await turn();
  expect(broker.asked.map(({ topics }) => topics)).toEqual([['missing'], ['known']]);
  broker.answer(1, 7n);
  expect(await known).toEqual(new Map([[0, 7n]]));
  broker.asked[0]!.answer.reject(new Error('no such topic'));
  await expect(missing).rejects.toThrow('no such topic');
});

test('after a common question failed each is asked for alone, until it is heard of again', async () => {
  const broker = new SlowBroker();
  await broker.knows('a', 'b');
  const failed = Promise.allSettled([broker.ends.ask('a'), broker.ends.ask('b')]);
  await turn();
  broker.asked[0]!.answer.reject(new Error('b is gone'));
  expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const [a, b] = [broker.ends.ask('a'), broker.ends.ask('b')];
  expect(broker.asked.slice(1).map(({ topics }) => topics)).toEqual([['a'], ['b']]);
  broker.answer(1, 3n);
  expect(await a).toEqual(new Map([[0, 3n]]));
  broker.asked[2]!.answer.reject(new Error('b is gone'));
  await expect(b).rejects.toThrow('b is gone');
});
