import { expect, test } from 'vitest';

import { EndOffsetRequests, type EndOffsets } from './end-offset-requests.ts';

/** A broker that responds when the test lets it. */
class SlowBroker {
  readonly received: {
    topics: string[];
    response: PromiseWithResolvers<Map<string, EndOffsets>>;
  }[] = [];

  readonly requests = new EndOffsetRequests((topics) => {
    const response = Promise.withResolvers<Map<string, EndOffsets>>();
    this.received.push({ topics, response });
    return response.promise;
  });

  /** These topics were requested before. */
  async knows(...topics: string[]): Promise<void> {
    for (const topic of topics) {
      const offsets = this.requests.fetch(topic);
      this.respond(0, 0n);
      await offsets;
      this.received.splice(0);
    }
  }

  respond(index: number, end: bigint): void {
    const { topics, response } = this.received[index]!;
    response.resolve(new Map(topics.map((topic) => [topic, new Map([[0, end]])])));
  }
}

const turn = () => new Promise(setImmediate);

test('callers during a request share the next request', async () => {
  const broker = new SlowBroker();
  await broker.knows('a');
  const first = broker.requests.fetch('a');
  await turn();
  // A record that was written in between must be included for these two; the first request may miss it.
  const second = broker.requests.fetch('a');
  const third = broker.requests.fetch('a');
  await turn();
  expect(broker.received).toHaveLength(1);
  broker.respond(0, 5n);
  expect(await first).toEqual(new Map([[0, 5n]]));
  await turn();
  expect(broker.received).toHaveLength(2);
  broker.respond(1, 6n);
  expect(await Promise.all([second, third])).toEqual([new Map([[0, 6n]]), new Map([[0, 6n]])]);
});

test('calls for several topics in one turn of the event loop are one request', async () => {
  const broker = new SlowBroker();
  await broker.knows('a', 'b');
  const results = Promise.all(['a', 'b', 'a'].map((topic) => broker.requests.fetch(topic)));
  await turn();
  expect(broker.received.map(({ topics }) => topics)).toEqual([['a', 'b']]);
  broker.respond(0, 2n);
  expect(await results).toEqual(Array.from({ length: 3 }, () => new Map([[0, 2n]])));
});

test('callers after a failed request get a new request', async () => {
  const broker = new SlowBroker();
  await broker.knows('a');
  const first = broker.requests.fetch('a');
  await turn();
  const second = broker.requests.fetch('a');
  broker.received[0]!.response.reject(new Error('away'));
  await expect(first).rejects.toThrow('away');
  await turn();
  broker.respond(1, 1n);
  expect(await second).toEqual(new Map([[0, 1n]]));
});

test('callers for other topics do not wait for a topic that was never requested', async () => {
  const broker = new SlowBroker();
  await broker.knows('known');
  const missing = broker.requests.fetch('missing');
  const known = broker.requests.fetch('known');
  await turn();
  expect(broker.received.map(({ topics }) => topics)).toEqual([['missing'], ['known']]);
  broker.respond(1, 7n);
  expect(await known).toEqual(new Map([[0, 7n]]));
  broker.received[0]!.response.reject(new Error('no such topic'));
  await expect(missing).rejects.toThrow('no such topic');
});

test('after a shared request fails each of its topics is requested alone, until that succeeds', async () => {
  const broker = new SlowBroker();
  await broker.knows('a', 'b');
  const failed = Promise.allSettled([broker.requests.fetch('a'), broker.requests.fetch('b')]);
  await turn();
  broker.received[0]!.response.reject(new Error('b is gone'));
  expect((await failed).map(({ status }) => status)).toEqual(['rejected', 'rejected']);
  const [a, b] = [broker.requests.fetch('a'), broker.requests.fetch('b')];
  expect(broker.received.slice(1).map(({ topics }) => topics)).toEqual([['a'], ['b']]);
  broker.respond(1, 3n);
  expect(await a).toEqual(new Map([[0, 3n]]));
  broker.received[2]!.response.reject(new Error('b is gone'));
  await expect(b).rejects.toThrow('b is gone');
});
