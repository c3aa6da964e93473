import { describe, expect, test } from 'vitest';

import { drain } from '../drain.ts';
import { endpoint, resultOf, Partition } from '../events.ts';
import type { LaneStoreFixture } from './lane-store.suite.ts';

export function attemptResults(subject: LaneStoreFixture): void {
  const finish = async (...args: Parameters<typeof resultOf>) =>
    subject.store.recordResults(subject.leaseHolder, [resultOf(...args)]);

  test('that failed leaves the delivery at the head, due after the delay, and holds back only its own lane', async () => {
    const { store, leaseHolder, inspect } = subject;
    await store.ingest(new Partition().batch([endpoint()], {}, {}, { key: 'another' }));
    const heads = await store.claim(leaseHolder, 10);
    const failing = heads[0]!;
    await store.recordResults(
      leaseHolder,
      heads.map((head) =>
        head === failing ? resultOf(head, 'failed', { delayMs: 60_000 }) : resultOf(head),
      ),
    );
    expect((await store.claim(leaseHolder, 10)).map(({ laneId }) => laneId)).not.toContain(
      failing.laneId,
    );
    const lane = (await inspect.lanes()).find(({ id }) => id === failing.laneId)!;
    expect(lane).toMatchObject({ head: 1, attempts: 1 });
    expect(lane.dueInMs).toBeGreaterThan(55_000);
    const attempts = await inspect.attempts();
    const attempt = attempts.find(({ deliveryId }) => deliveryId === failing.deliveryId);
    expect(attempt).toMatchObject({ number: 1, status: 500, error: 'HTTP_500', followed: true });
  });

  test('that gave up lets the next delivery of the lane go, with an attempt count of its own', async () => {
    const { store, inspect } = subject;
    await store.ingest(new Partition().batch([endpoint()], {}, {}));
    await finish(await subject.claimOne(), 'failed');
    await finish(await subject.claimOne(), 'exhausted');
    expect(await subject.claimOne()).toMatchObject({ seq: '2', attempt: 1 });
    expect(await subject.states()).toEqual(['exhausted', 'pending']);
    expect(await inspect.deliveries()).toMatchObject([
      { attempts: 2, lastStatus: 500 },
      { attempts: 0, lastStatus: null },
    ]);
  });

  test('G6 that gave up leaves a gap, which is told until something behind it is delivered', async () => {
    const { store } = subject;
    await store.ingest(new Partition().batch([endpoint()], {}, {}, {}, {}));
    expect(await subject.claimOne()).toMatchObject({ gap: 0 });
    await subject.leasesEnd();
    await finish(await subject.claimOne(), 'exhausted');
    await finish(await subject.claimOne(), 'exhausted');
    const third = await subject.claimOne();
    expect(third).toMatchObject({ seq: '3', gap: 2 });
    await finish(third, 'failed');
    const again = await subject.claimOne();
    expect(again).toMatchObject({ seq: '3', gap: 2 });
    await finish(again);
    expect(await subject.claimOne()).toMatchObject({ seq: '4', gap: 0 });
  });

  test('keeps the bytes of an attempt that were its own', async () => {
    const { store, inspect } = subject;
    await store.ingest(new Partition().batch([endpoint()], {}));
    await finish(await subject.claimOne(), 'failed', { requestBody: Buffer.from('its own') });
    await finish(await subject.claimOne());
    expect(await inspect.attempts()).toMatchObject([
      { number: 1, requestBody: 'its own', responseBody: 'answered' },
      { number: 2, requestBody: null },
    ]);
  });

  test('of a single attempt in many is written with the others', async () => {
    const { store, leaseHolder } = subject;
    const keys = Array.from({ length: 40 }, (_, i) => ({ key: `case-${i}` }));
    await store.ingest(new Partition().batch([endpoint(), endpoint()], ...keys, ...keys));
    const heads = await store.claim(leaseHolder, 60);
    const verdicts = ['delivered', 'failed', 'exhausted', 'blocked'] as const;
    const written = heads.map((head, i) => resultOf(head, verdicts[i % 4]));
    expect((await store.recordResults(leaseHolder, written)).counted).toBe(heads.length);
    expect((await store.recordResults(leaseHolder, written)).counted).toBe(0);
  });

  test('says whether something is due where it came from: in its lane, or in another of its destination', async () => {
    const { store, leaseHolder } = subject;
    await store.ingest(new Partition().batch([endpoint({ maxInFlight: 1 })], {}, {}, { key: 'b' }));
    const dueAfter = async (...[outcome, over]: [string, object?]) =>
      (await finish(await subject.claimOne(), outcome as 'failed', over)).due;
    expect(await dueAfter('delivered')).toBe(true);
    expect(await dueAfter('delivered')).toBe(true);
    // The last waits for its retry.
    expect(await dueAfter('failed', { delayMs: 60_000 })).toBe(false);
    // Nor does anybody else's count.
    await store.ingest(new Partition(1).batch([endpoint()], { key: 'c' }, { key: 'd' }));
    const [one, other] = await store.claim(leaseHolder, 10);
    expect((await store.recordResults(leaseHolder, [resultOf(one!, 'blocked')])).due).toBe(false);
    expect((await store.recordResults(leaseHolder, [resultOf(other!)])).due).toBe(false);
    expect((await store.recordResults(leaseHolder, [resultOf(other!)])).due).toBe(false);
  });

  describe('that holds its lane', () => {
    const blocked = async () => {
      const { store } = subject;
      await store.ingest(new Partition().batch([endpoint({ onExhausted: 'block' })], {}, {}, {}));
      await finish(await subject.claimOne(), 'failed');
      const head = await subject.claimOne();
      await finish(head, 'blocked');
      return head;
    };

    test('leaves the delivery pending at its head, and nothing of the lane is sent', async () => {
      const { inspect, store } = subject;
      const head = await blocked();
      expect(await subject.states()).toEqual(['pending', 'pending', 'pending']);
      expect(await inspect.lanes()).toMatchObject([{ head: 1, blocked: true, leased: false }]);
      await inspect.timePasses(30 * 86_400_000);
      expect(await drain(store)).toEqual([]);
      expect(await inspect.deliveries()).toMatchObject([
        { id: head.deliveryId, attempts: 2, lastError: 'HTTP_500' },
        {},
        {},
      ]);
    });

    test('keeps what comes into the lane meanwhile, and other lanes go on', async () => {
      const { store } = subject;
      const to = endpoint({ onExhausted: 'block' });
      const partition = new Partition();
      await store.ingest(partition.batch([to], {}));
      await finish(await subject.claimOne(), 'blocked');
      await store.ingest(partition.batch([to], {}, { key: 'another' }));
      expect((await drain(store)).map(({ seq }) => seq)).toEqual(['1']);
      expect(await subject.states()).toEqual(['pending', 'pending', 'delivered']);
    });

    test('is told to try again: all attempts are before it, now', async () => {
      const { store } = subject;
      const { laneId, eventId } = await blocked();
      expect(await store.unblock({ laneId }, 'retry')).toBe(true);
      expect(await store.unblock({ laneId }, 'retry')).toBe(false);
      expect(await subject.claimOne()).toMatchObject({ eventId, attempt: 1, gap: 0 });
      await subject.leasesEnd();
      expect((await drain(store)).map(({ seq }) => seq)).toEqual(['1', '2', '3']);
    });

    test('is told to go on: the delivery is exhausted, and the next says so', async () => {
      const { store } = subject;
      const { deliveryId } = await blocked();
      expect(await store.unblock({ deliveryId }, 'skip')).toBe(true);
      expect(await store.unblock({ deliveryId }, 'skip')).toBe(false);
      expect(await subject.states()).toEqual(['exhausted', 'pending', 'pending']);
      expect((await drain(store)).map(({ seq, gap }) => [seq, gap])).toEqual([
        ['2', 1],
        ['3', 0],
      ]);
    });

    test('is not let go by the name of a delivery that is not at its head, nor of one that is not blocked', async () => {
      const { store, inspect } = subject;
      await blocked();
      const [, second] = await inspect.deliveries();
      expect(await store.unblock({ deliveryId: second!.id }, 'skip')).toBe(false);
      expect(await store.unblock({ deliveryId: '999999999' }, 'skip')).toBe(false);
      expect(await store.unblock({ laneId: '999999999' }, 'retry')).toBe(false);
      expect(await inspect.lanes()).toMatchObject([{ blocked: true, head: 1 }]);
    });
  });
}
