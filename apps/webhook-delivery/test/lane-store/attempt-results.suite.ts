import { describe, expect, test } from 'vitest';

import { drain } from '../drain.ts';
import { endpoint, resultOf, Partition } from '../events.ts';
import type { LaneStoreFixture } from './lane-store.suite.ts';

export function attemptResults(fixture: LaneStoreFixture): void {
  const record = async (...args: Parameters<typeof resultOf>) =>
    fixture.store.recordResults(fixture.leaseHolder, [resultOf(...args)]);

  test('failed leaves the delivery at the head, due after the delay, and delays only its own lane', async () => {
    const { store, leaseHolder, inspect } = fixture;
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

  test('exhausted lets the lane continue, and the next delivery has its own attempt count', async () => {
    const { store, inspect } = fixture;
    await store.ingest(new Partition().batch([endpoint()], {}, {}));
    await record(await fixture.claimOne(), 'failed');
    await record(await fixture.claimOne(), 'exhausted');
    expect(await fixture.claimOne()).toMatchObject({ seq: '2', attempt: 1 });
    expect(await fixture.states()).toEqual(['exhausted', 'pending']);
    expect(await inspect.deliveries()).toMatchObject([
      { attempts: 2, lastStatus: 500 },
      { attempts: 0, lastStatus: null },
    ]);
  });

  test('G6 exhausted leaves a gap, which is sent until a later delivery succeeds', async () => {
    const { store } = fixture;
    await store.ingest(new Partition().batch([endpoint()], {}, {}, {}, {}));
    expect(await fixture.claimOne()).toMatchObject({ gap: 0 });
    await fixture.expireLeases();
    await record(await fixture.claimOne(), 'exhausted');
    await record(await fixture.claimOne(), 'exhausted');
    const third = await fixture.claimOne();
    expect(third).toMatchObject({ seq: '3', gap: 2 });
    await record(third, 'failed');
    const again = await fixture.claimOne();
    expect(again).toMatchObject({ seq: '3', gap: 2 });
    await record(again);
    expect(await fixture.claimOne()).toMatchObject({ seq: '4', gap: 0 });
  });

  test('has the request body of the attempt if it differs from the delivery’s', async () => {
    const { store, inspect } = fixture;
    await store.ingest(new Partition().batch([endpoint()], {}));
    await record(await fixture.claimOne(), 'failed', { requestBody: Buffer.from('its own') });
    await record(await fixture.claimOne());
    expect(await inspect.attempts()).toMatchObject([
      { number: 1, requestBody: 'its own', responseBody: 'answered' },
      { number: 2, requestBody: null },
    ]);
  });

  test('is recorded once, together with many others', async () => {
    const { store, leaseHolder } = fixture;
    const keys = Array.from({ length: 40 }, (_, i) => ({ key: `case-${i}` }));
    await store.ingest(new Partition().batch([endpoint(), endpoint()], ...keys, ...keys));
    const heads = await store.claim(leaseHolder, 60);
    const outcomes = ['delivered', 'failed', 'exhausted', 'blocked'] as const;
    const results = heads.map((head, i) => resultOf(head, outcomes[i % 4]));
    expect((await store.recordResults(leaseHolder, results)).counted).toBe(heads.length);
    expect((await store.recordResults(leaseHolder, results)).counted).toBe(0);
  });

  test('reports whether a lane is due at its destination: the same lane or another one', async () => {
    const { store, leaseHolder } = fixture;
    await store.ingest(new Partition().batch([endpoint({ maxInFlight: 1 })], {}, {}, { key: 'b' }));
    const dueAfter = async (...[outcome, over]: [string, object?]) =>
      (await record(await fixture.claimOne(), outcome as 'failed', over)).due;
    expect(await dueAfter('delivered')).toBe(true);
    expect(await dueAfter('delivered')).toBe(true);
    // The last delivery waits for its retry.
    expect(await dueAfter('failed', { delayMs: 60_000 })).toBe(false);
    // Due lanes of other destinations do not count.
    await store.ingest(new Partition(1).batch([endpoint()], { key: 'c' }, { key: 'd' }));
    const [one, other] = await store.claim(leaseHolder, 10);
    expect((await store.recordResults(leaseHolder, [resultOf(one!, 'blocked')])).due).toBe(false);
    expect((await store.recordResults(leaseHolder, [resultOf(other!)])).due).toBe(false);
    expect((await store.recordResults(leaseHolder, [resultOf(other!)])).due).toBe(false);
  });

  describe('blocked', () => {
    const blocked = async () => {
      const { store } = fixture;
      await store.ingest(new Partition().batch([endpoint({ onExhausted: 'block' })], {}, {}, {}));
      await record(await fixture.claimOne(), 'failed');
      const head = await fixture.claimOne();
      await record(head, 'blocked');
      return head;
    };

    test('leaves the delivery pending at the head, and no delivery of the lane is sent', async () => {
      const { inspect, store } = fixture;
      const head = await blocked();
      expect(await fixture.states()).toEqual(['pending', 'pending', 'pending']);
      expect(await inspect.lanes()).toMatchObject([{ head: 1, blocked: true, leased: false }]);
      await inspect.timePasses(30 * 86_400_000);
      expect(await drain(store)).toEqual([]);
      expect(await inspect.deliveries()).toMatchObject([
        { id: head.deliveryId, attempts: 2, lastError: 'HTTP_500' },
        {},
        {},
      ]);
    });

    test('accrues new deliveries in the lane, and other lanes continue', async () => {
      const { store } = fixture;
      const to = endpoint({ onExhausted: 'block' });
      const partition = new Partition();
      await store.ingest(partition.batch([to], {}));
      await record(await fixture.claimOne(), 'blocked');
      await store.ingest(partition.batch([to], {}, { key: 'another' }));
      expect((await drain(store)).map(({ seq }) => seq)).toEqual(['1']);
      expect(await fixture.states()).toEqual(['pending', 'pending', 'delivered']);
    });

    test('and retried makes the delivery due now, with all attempts of its schedule', async () => {
      const { store } = fixture;
      const { laneId, eventId } = await blocked();
      expect(await store.unblock({ laneId }, 'retry')).toBe(true);
      expect(await store.unblock({ laneId }, 'retry')).toBe(false);
      expect(await fixture.claimOne()).toMatchObject({ eventId, attempt: 1, gap: 0 });
      await fixture.expireLeases();
      expect((await drain(store)).map(({ seq }) => seq)).toEqual(['1', '2', '3']);
    });

    test('and skipped exhausts the delivery, and the next one has the gap', async () => {
      const { store } = fixture;
      const { deliveryId } = await blocked();
      expect(await store.unblock({ deliveryId }, 'skip')).toBe(true);
      expect(await store.unblock({ deliveryId }, 'skip')).toBe(false);
      expect(await fixture.states()).toEqual(['exhausted', 'pending', 'pending']);
      expect((await drain(store)).map(({ seq, gap }) => [seq, gap])).toEqual([
        ['2', 1],
        ['3', 0],
      ]);
    });

    test('is not unblocked by a delivery that is not at the head, nor by an unknown delivery or lane', async () => {
      const { store, inspect } = fixture;
      await blocked();
      const [, second] = await inspect.deliveries();
      expect(await store.unblock({ deliveryId: second!.id }, 'skip')).toBe(false);
      expect(await store.unblock({ deliveryId: '999999999' }, 'skip')).toBe(false);
      expect(await store.unblock({ laneId: '999999999' }, 'retry')).toBe(false);
      expect(await inspect.lanes()).toMatchObject([{ blocked: true, head: 1 }]);
    });
  });
}
