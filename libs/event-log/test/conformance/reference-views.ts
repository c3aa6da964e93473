import { describe, expect, test } from 'vitest';

import type { EventLog } from '../../src/event-log.ts';
import type { ReferenceView } from '../../src/views/reference-view.ts';
import { rejectionsReported, unhandledRejections } from './rejections.ts';
import type { BrokerUnderTest } from './test-broker.ts';
import { Workbench } from './workbench.ts';

interface Endpoint {
  revision: number;
  url: string;
}

function parse(value: unknown): Endpoint {
  if (typeof value === 'object' && value !== null && 'url' in value) return value as Endpoint;
  throw new Error('not an endpoint');
}

const entry = (topic: string, key: string, revision: number, rest: object) => ({
  topic,
  key,
  value: JSON.stringify({ revision, ...rest }),
});

export function describeReferenceViews(broker: BrokerUnderTest): void {
  describe('reference views', () => {
    const bench = new Workbench(broker);
    const unhandled = unhandledRejections();
    const viewOf = (log: EventLog, topic: string): ReferenceView<Endpoint> =>
      bench.view({ log, topic, parse });

    test('a view is rebuilt from the first record at every start', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 1, true);
      const many = Array.from({ length: 300 }, (_, n) =>
        entry(topic, `e${n}`, 1, { url: `u${n}` }),
      );
      await log.send(many);
      for (let start = 0; start < 2; start += 1) {
        const view = viewOf(log, topic);
        await view.start();
        expect([...view.entries()]).toHaveLength(300);
        expect(view.get('e299')).toEqual({ revision: 1, url: 'u299' });
        expect(view.offset).toBe(300n);
        expect(view.healthy).toBe(true);
        await view.stop();
        expect(view.healthy).toBe(false);
      }
    });

    test('lower revisions are ignored, also after a deletion', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 1, true);
      const view = viewOf(log, topic);
      await view.start();
      const changes: [string, Endpoint | undefined][] = [];
      view.onChange((key, value) => changes.push([key, value]));
      await log.send([
        entry(topic, 'a', 2, { url: 'second' }),
        entry(topic, 'a', 1, { url: 'first' }),
        entry(topic, 'b', 1, { url: 'first' }),
        entry(topic, 'b', 3, { deletedAt: '2030-01-01T00:00:00Z' }),
        entry(topic, 'b', 2, { url: 'second' }),
        entry(topic, 'c', 1, { url: 'first' }),
        { topic, key: 'c', value: null },
      ]);
      await view.catchUp();
      expect(view.get('a')?.url).toBe('second');
      expect(view.get('b')).toBeUndefined();
      expect(view.get('c')).toBeUndefined();
      expect([...view.entries()].map(([key]) => key)).toEqual(['a']);
      expect(changes.map(([key, value]) => `${key} ${value?.url}`)).toEqual([
        'a second',
        'b first',
        'b undefined',
        'c first',
        'c undefined',
      ]);
    });

    test('unreadable records leave the known entries unchanged, and the view continues', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 1, true);
      await log.send([
        entry(topic, 'a', 1, { url: 'good' }),
        { topic, key: 'a', value: '{' },
        entry(topic, 'a', 2, { wrong: true }),
        { topic, key: 'a', value: '{"url":"no revision"}' },
        entry(topic, 'b', 1, { url: 'after' }),
      ]);
      const view = viewOf(log, topic);
      await view.start();
      expect(view.get('a')?.url).toBe('good');
      expect(view.get('b')?.url).toBe('after');
    });

    test('after catchUp all records that were acknowledged before are visible', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 1, true);
      const view = viewOf(log, topic);
      await view.start();
      for (let revision = 1; revision <= 60; revision += 1) {
        await log.send([entry(topic, 'a', revision, { url: `u${revision}` })]);
        const offsets = await Promise.all([view.catchUp(), view.catchUp(), view.catchUp()]);
        expect(Math.min(...offsets.map(Number))).toBeGreaterThanOrEqual(revision);
        expect(view.get('a')?.revision).toBe(revision);
      }
    });

    test('catchUp of a view that is behind is rejected, until it has caught up', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 1, true);
      const view = viewOf(log, topic);
      await view.start();
      const release = view.pause();
      await log.send([entry(topic, 'a', 1, { url: 'new' })]);
      await expect(view.catchUp({ timeoutMs: 150 })).rejects.toMatchObject({
        code: 'VIEW_STALE',
        retriable: true,
      });
      expect(view.healthy).toBe(false);
      const controller = new AbortController();
      const waiting = view.catchUp({ signal: controller.signal });
      controller.abort(new Error('the caller stopped waiting'));
      await expect(waiting).rejects.toThrow('the caller stopped waiting');
      const caughtUp = view.catchUp();
      release();
      expect(await caughtUp).toBe(1n);
      expect(view.get('a')?.url).toBe('new');
      expect(view.healthy).toBe(true);
    });

    test('catchUp on an idle topic takes a few milliseconds', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 1, true);
      const view = viewOf(log, topic);
      await view.start();
      const times: number[] = [];
      for (let call = 0; call < 101; call += 1) {
        const begun = performance.now();
        await view.catchUp();
        times.push(performance.now() - begun);
      }
      const median = times.toSorted((a, b) => a - b)[50];
      expect(median).toBeLessThan(20);
    });

    test('catchUp of a stopped view is rejected, and none of its requests is left unhandled', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 1, true);
      const view = viewOf(log, topic);
      await view.start();
      await view.stop();
      await log.close();
      await expect(view.catchUp()).rejects.toMatchObject({ code: 'EVENT_LOG_CLOSED' });
      await rejectionsReported();
      expect(unhandled).toEqual([]);
    });

    test('a view of a topic with several partitions is refused', async () => {
      const log = bench.log();
      const topic = await bench.topic(log, 2, true);
      await expect(viewOf(log, topic).start()).rejects.toMatchObject({ code: 'TOPIC_MISMATCH' });
    });
  });
}
