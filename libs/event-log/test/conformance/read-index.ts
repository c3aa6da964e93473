import { setImmediate as turn } from 'node:timers/promises';

import { describe, expect, test, vi } from 'vitest';

import { Topics } from '../../src/client/topics.ts';
import type { BatchContext } from '../../src/consumer/batch-consumer.ts';
import type { EventLog } from '../../src/event-log.ts';
import type { BrokerUnderTest } from './test-broker.ts';
import { Workbench } from './workbench.ts';

type Mark = BatchContext['fetchMark'];

const parse = (value: unknown) => value as { revision: number };
const entry = (topic: string, revision: number) => ({
  topic,
  key: 'endpoint',
  value: JSON.stringify({ revision }),
});

export function describeReadIndex(broker: BrokerUnderTest): void {
  describe('the read index of a fetch', () => {
    const bench = new Workbench(broker);

    /**
     * Registers an endpoint, then publishes an event. The view has not read the endpoint yet when the event is handled.
     * @returns the revision of the endpoint that the handler sees after `catchUp`
     */
    async function revisionSeen(log: EventLog, markOf: (mark: Mark, early: Mark) => Mark) {
      const [events, endpoints] = [await bench.topic(log, 3), await bench.topic(log, 1, true)];
      const view = bench.view({ log, topic: endpoints, parse });
      await log.send([entry(endpoints, 1)]);
      await view.start();
      const handled = Promise.withResolvers<number | undefined>();
      const begun = Promise.withResolvers<Mark>();
      const early = log.fetchMark();
      const consumer = bench.batch({
        log,
        topics: [events],
        handle: async (_, { fetchMark }) => {
          const after = markOf(fetchMark, early);
          const caughtUp = view.catchUp({ after });
          begun.resolve(after);
          await caughtUp;
          handled.resolve(view.get('endpoint')?.revision);
        },
      });
      await consumer.start();
      // An end offset that was requested, and answered, while the consumer waited for records.
      await view.catchUp();
      const release = view.pause();
      await log.send([entry(endpoints, 2)]);
      await log.send([{ topic: events, key: 'case', value: 'an event' }]);
      await log.endOffsets(endpoints, { after: await begun.promise });
      await turn();
      release();
      return handled.promise;
    }

    test('includes what was acknowledged before the event was published', async () => {
      expect(await revisionSeen(bench.log(), (mark) => mark)).toBe(2);
    });

    test('misses it if the end offset was requested before the fetch returned', async () => {
      expect(await revisionSeen(bench.log(), (_, early) => early)).toBe(1);
    });

    test('is one request for all views and all partitions of a fetch, which are handled in the same turn', async () => {
      const log = bench.log();
      const events = await bench.topic(log, 6);
      const views = [await bench.topic(log, 1, true), await bench.topic(log, 1, true)].map(
        (topic) => bench.view({ log, topic, parse }),
      );
      for (const view of views) await view.start();
      await log.send(
        [0, 1, 2, 3, 4, 5].map((partition) => ({
          topic: events,
          partition,
          key: null,
          value: 'an event',
        })),
      );
      const requests = vi.spyOn(Topics.prototype, 'endOffsets');
      const marks: Mark[] = [];
      const fetched: Mark[] = [];
      const handled = Promise.withResolvers<void>();
      let inFirstTurn: Promise<number> | undefined;
      const consumer = bench.batch({
        log,
        topics: [events],
        session: { timeoutMs: 30_000, heartbeatMs: 10_000 },
        onFetch: (mark) => {
          fetched.push(mark);
          for (const view of views) view.request(mark);
        },
        handle: async (_, { fetchMark }) => {
          marks.push(fetchMark);
          inFirstTurn ??= turn().then(() => marks.length);
          await Promise.all(views.map((view) => view.catchUp({ after: fetchMark })));
          if (marks.length === 6) handled.resolve();
        },
      });
      try {
        await consumer.start();
        await handled.promise;
        expect(await inFirstTurn).toBe(6);
        expect(new Set(marks)).toEqual(new Set(fetched));
        expect(fetched).toHaveLength(1);
        expect(requests).toHaveBeenCalledTimes(1);
      } finally {
        requests.mockRestore();
      }
    });
  });
}
