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

test('calls with the mark of one fetch share the first request that was sent after it', async () => {
  const broker = new SlowBroker();
  await broker.knows('a', 'b');
  const mark = broker.requests.mark();
  const first = ['a', 'b'].map((topic) => broker.requests.fetch(topic, mark));
  await turn();
  const during = broker.requests.fetch('b', mark);
  broker.respond(0, 4n);
  const later = broker.requests.fetch('a', mark);
  expect(await Promise.all([...first, during, later])).toEqual(
    Array.from({ length: 4 }, () => new Map([[0, 4n]])),
  );
  expect(broker.received.map(({ topics }) => topics)).toEqual([['a', 'b']]);
});

test('a request that was sent before the mark does not count, whether it was answered or not', async () => {
  const broker = new SlowBroker();
  await broker.knows('a');
  const before = broker.requests.fetch('a');
  await turn();
  const during = broker.requests.mark();
  const second = broker.requests.fetch('a', during);
  broker.respond(0, 1n);
  expect(await before).toEqual(new Map([[0, 1n]]));
  await turn();
  broker.respond(1, 2n);
  expect(await second).toEqual(new Map([[0, 2n]]));
  const third = broker.requests.fetch('a', broker.requests.mark());
  await turn();
  broker.respond(2, 3n);
  expect(await third).toEqual(new Map([[0, 3n]]));
});

test('a mark counts only for the topics of the request, and only for the event log that gave it', async () => {
  const broker = new SlowBroker();
  await broker.knows('a', 'b');
  const other = new SlowBroker().requests.mark();
  const mark = broker.requests.mark();
  const first = broker.requests.fetch('a', mark);
  await turn();
  broker.respond(0, 1n);
  await first;
  const rest = [broker.requests.fetch('b', mark), broker.requests.fetch('a', other)];
  await turn();
  expect(broker.received.map(({ topics }) => topics)).toEqual([['a'], ['b', 'a']]);
  broker.respond(1, 2n);
  expect(await Promise.all(rest)).toEqual(Array.from({ length: 2 }, () => new Map([[0, 2n]])));
});

test('after a failed request a call with the same mark gets a new request', async () => {
  const broker = new SlowBroker();
  await broker.knows('a');
  const mark = broker.requests.mark();
  const failed = broker.requests.fetch('a', mark);
  await turn();
  broker.received[0]!.response.reject(new Error('away'));
  await expect(failed).rejects.toThrow('away');
  const retried = broker.requests.fetch('a', mark);
  broker.respond(1, 1n);
  expect(await retried).toEqual(new Map([[0, 1n]]));
});
