import { randomUUID } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { drain } from '../drain.ts';
import { endpoint, resultOf, Partition } from '../events.ts';
import type { LaneStoreFixture } from './lane-store.suite.ts';

export function claims(fixture: LaneStoreFixture): void {
  test('counts the attempt before it is sent', async () => {
    const { store, inspect } = fixture;
    await store.ingest(new Partition().batch([endpoint()], {}));
    expect((await fixture.claimOne()).attempt).toBe(1);
    expect(await inspect.lanes()).toMatchObject([{ attempts: 1 }]);
  });

  test('has the due time, and status and error of the previous attempt', async () => {
    const { store, inspect, leaseHolder } = fixture;
    await store.ingest(new Partition().batch([endpoint()], {}));
    const first = await fixture.claimOne();
    const failed = { delayMs: 60_000, status: 503, error: 'HTTP_503' };
    await store.recordResults(leaseHolder, [resultOf(first, 'failed', failed)]);
    await inspect.timePasses(61_000);
    const { dueAt, ...second } = await fixture.claimOne();
    expect(second).toMatchObject({ attempt: 2, lastStatus: 503, lastError: 'HTTP_503' });
    // One second ago, plus the duration of the test.
    const ago = (await inspect.now()).getTime() - dueAt.getTime();
    expect(ago).toBeGreaterThanOrEqual(1000);
    expect(ago).toBeLessThan(6000);
  });

  test('of a leased lane returns nothing, and after the lease the head to any instance', async () => {
    const { store, leaseHolder } = fixture;
    await store.ingest(new Partition().batch([endpoint()], {}));
    const first = await fixture.claimOne();
    expect(await store.claim(leaseHolder, 10)).toEqual([]);
    expect(await store.claim(randomUUID(), 10)).toEqual([]);
    await fixture.expireLeases();
    const second = await fixture.claimOne(randomUUID());
    expect(second).toMatchObject({ eventId: first.eventId, attempt: 2 });
    expect(second.epoch).not.toBe(first.epoch);
  });

  test('whose lease was lost has no effect any more, even for the same lease holder', async () => {
    const { store, leaseHolder } = fixture;
    await store.ingest(new Partition().batch([endpoint()], {}, {}));
    const late = await fixture.claimOne();
    await fixture.expireLeases();
    const present = await fixture.claimOne();
    expect((await store.recordResults(leaseHolder, [resultOf(late)])).counted).toBe(0);
    expect(await store.release(leaseHolder, [late])).toBe(0);
    expect(await fixture.states()).toEqual(['pending', 'pending']);
    expect((await store.recordResults(leaseHolder, [resultOf(present)])).counted).toBe(1);
    expect((await store.recordResults(leaseHolder, [resultOf(present)])).counted).toBe(0);
    expect((await fixture.claimOne()).seq).toBe('2');
  });

  test('whose lease was lost has no effect, even recorded together with the current claim of the same lease holder', async () => {
    const { store, leaseHolder, inspect } = fixture;
    await store.ingest(new Partition().batch([endpoint()], {}, {}, {}));
    const late = await fixture.claimOne();
    await fixture.expireLeases();
    await store.recordResults(leaseHolder, [resultOf(await fixture.claimOne())]);
    const present = await fixture.claimOne();
    const results = [resultOf(late, 'failed'), resultOf(present), resultOf(late)];
    expect((await store.recordResults(leaseHolder, results)).counted).toBe(1);
    expect(await fixture.states()).toEqual(['delivered', 'delivered', 'pending']);
    expect(await inspect.attempts()).toHaveLength(2);
  });

  test('whose lease has expired still counts until the next claim', async () => {
    const { store, leaseHolder } = fixture;
    await store.ingest(new Partition().batch([endpoint()], {}));
    const head = await fixture.claimOne();
    await fixture.expireLeases();
    expect((await store.recordResults(leaseHolder, [resultOf(head)])).counted).toBe(1);
    expect(await drain(store)).toEqual([]);
  });

  test('that is released makes the lane due at once, and its attempt does not count', async () => {
    const { store, leaseHolder } = fixture;
    await store.ingest(new Partition().batch([endpoint()], {}));
    const head = await fixture.claimOne();
    expect(await store.release(leaseHolder, [head])).toBe(1);
    expect(await fixture.left()).toMatchObject({ leased: 0, due: 1 });
    expect((await fixture.claimOne(randomUUID())).attempt).toBe(1);
  });

  test('that has ended cannot be released', async () => {
    const { store, leaseHolder } = fixture;
    await store.ingest(new Partition().batch([endpoint()], {}, {}));
    const head = await fixture.claimOne();
    await store.recordResults(leaseHolder, [resultOf(head)]);
    expect(await store.release(leaseHolder, [head])).toBe(0);
    const next = await fixture.claimOne();
    expect(next.attempt).toBe(1);
    expect(await store.release(randomUUID(), [next])).toBe(0);
    expect(await fixture.left()).toMatchObject({ leased: 1 });
  });

  test('TI-24 counts after every crash: attempts whose result is lost are attempts', async () => {
    const { store } = fixture;
    await store.ingest(new Partition().batch([endpoint()], {}));
    for (const attempt of [1, 2, 3, 4]) {
      expect(await fixture.claimOne(randomUUID())).toMatchObject({ attempt });
      await fixture.expireLeases();
    }
  });

  test('skips endpoints that are disabled, deleted, or have a closed gate', async () => {
    const { store, leaseHolder } = fixture;
    const [disabled, gone, gated, open] = [endpoint(), endpoint(), endpoint(), endpoint()];
    const partition = new Partition();
    await store.ingest(partition.batch([gated], {}));
    const overloaded = { status: 429, requestedPauseMs: 3_600_000 };
    await store.recordResults(leaseHolder, [
      resultOf(await fixture.claimOne(), 'failed', overloaded),
    ]);
    await store.ingest(partition.batch([disabled, gone, gated, open], { key: 'another' }));
    await store.setDestination({
      endpointId: disabled.id,
      ...disabled,
      enabled: false,
      revision: 2,
    });
    await store.deleteDestination(gone.id);
    expect((await store.claim(leaseHolder, 10)).map(({ endpointId }) => endpointId)).toEqual([
      open.id,
    ]);
  });

  test('returns the deliveries that an endpoint accrued while it was disabled, in order', async () => {
    const { store, leaseHolder } = fixture;
    const dormant = endpoint({ enabled: false });
    const partition = new Partition();
    await store.ingest(partition.batch([dormant], {}, {}));
    await store.ingest(partition.batch([dormant], {}));
    expect(await store.claim(leaseHolder, 10)).toEqual([]);
    await store.setDestination({ endpointId: dormant.id, ...dormant, enabled: true, revision: 2 });
    expect((await drain(store)).map(({ seq }) => seq)).toEqual(['1', '2', '3']);
  });

  test('returns no more heads than slots, and one of each endpoint before a second of any', async () => {
    const { store, leaseHolder } = fixture;
    const endpoints = Array.from({ length: 5 }, () => endpoint());
    const keys = Array.from({ length: 30 }, (_, i) => ({ key: `case-${i}` }));
    await store.ingest(new Partition().batch(endpoints, ...keys));
    const heads = await store.claim(leaseHolder, 5);
    expect(new Set(heads.map(({ endpointId }) => endpointId)).size).toBe(5);
    expect(heads).toHaveLength(5);
  });

  test('leaves slots for later endpoints, however many lanes of slow endpoints are due', async () => {
    const { store, leaseHolder } = fixture;
    const slow = [endpoint(), endpoint()];
    const keys = Array.from({ length: 200 }, (_, i) => ({ key: `case-${i}` }));
    await store.ingest(new Partition(0).batch(slow, ...keys));
    let free = 128;
    for (let claimed = 0; claimed < 20; claimed++)
      free -= (await store.claim(leaseHolder, free)).length;
    expect(free).toBeGreaterThanOrEqual(40);
    const late = endpoint();
    await store.ingest(new Partition(1).batch([late], {}));
    const heads = await store.claim(leaseHolder, free);
    expect(heads.map(({ endpointId }) => endpointId)).toContain(late.id);
  });

  test('with a single slot serves every endpoint', async () => {
    const { store, leaseHolder } = fixture;
    const endpoints = Array.from({ length: 3 }, () => endpoint());
    await store.ingest(new Partition().batch(endpoints, {}, {}));
    for (let i = 0; i < 6; i++)
      await store.recordResults(leaseHolder, [resultOf(await fixture.claimOne())]);
    expect(await fixture.left()).toEqual({ pending: 0, due: 0, leased: 0 });
  });

  test('reaches every one of many endpoints, most of them closed', async () => {
    const { store, leaseHolder } = fixture;
    const endpoints = Array.from({ length: 450 }, (_, i) => endpoint({ enabled: i % 100 === 7 }));
    await store.ingest(new Partition().batch(endpoints, {}));
    const called = new Set<string | null>();
    for (let i = 0; i < 5; i++) {
      const head = await fixture.claimOne();
      called.add(head.endpointId);
      await store.recordResults(leaseHolder, [resultOf(head)]);
    }
    expect(called).toEqual(new Set(endpoints.filter(({ enabled }) => enabled).map(({ id }) => id)));
    expect(await store.claim(leaseHolder, 10)).toEqual([]);
  });

  test('finds new deliveries, however many endpoints wait for a retry', async () => {
    const { store, leaseHolder } = fixture;
    const waiting = Array.from({ length: 450 }, () => endpoint());
    await store.ingest(new Partition(0).batch(waiting, {}));
    for (;;) {
      const heads = await store.claim(leaseHolder, 100);
      if (heads.length === 0) break;
      const later = { delayMs: 3_600_000 };
      await store.recordResults(
        leaseHolder,
        heads.map((head) => resultOf(head, 'failed', later)),
      );
    }
    const fresh = endpoint();
    await store.ingest(new Partition(1).batch([fresh], {}, {}, {}));
    for (const seq of ['1', '2', '3']) {
      const head = await fixture.claimOne();
      expect(head).toMatchObject({ endpointId: fresh.id, seq });
      await store.recordResults(leaseHolder, [resultOf(head)]);
    }
  });

  test('never exceeds an endpoint’s limit, however many instances claim at the same time', async () => {
    const { store } = fixture;
    const keys = Array.from({ length: 60 }, (_, i) => ({ key: `case-${i}` }));
    await store.ingest(new Partition().batch([endpoint({ maxInFlight: 5 })], ...keys));
    const leaseHolders = Array.from({ length: 6 }, () => randomUUID());
    for (let round = 0; round < 6; round++) {
      const claimed = await Promise.all(leaseHolders.map((by) => store.claim(by, 60)));
      expect(await fixture.left()).toMatchObject({ leased: 5 });
      for (const [i, heads] of claimed.entries())
        await store.recordResults(
          leaseHolders[i]!,
          heads.map((head) => resultOf(head)),
        );
    }
  });

  test('returns no more of an endpoint than its rate, over all instances', async () => {
    const { store, inspect } = fixture;
    const keys = Array.from({ length: 60 }, (_, i) => ({ key: `case-${i}` }));
    await store.ingest(new Partition().batch([endpoint({ ratePerSecond: 10 })], ...keys));
    const claimAll = async () => {
      const leaseHolders = Array.from({ length: 3 }, () => randomUUID());
      const claimed = await Promise.all(leaseHolders.map((by) => store.claim(by, 60)));
      return claimed.flat().length;
    };
    // The tokens of one second at first; the clock may have added one.
    const first = await claimAll();
    expect([10, 11, 12]).toContain(first);
    await inspect.timePasses(500);
    const second = await claimAll();
    expect(second).toBeGreaterThanOrEqual(4);
    expect(first + second).toBeLessThanOrEqual(20);
    await inspect.timePasses(3_600_000);
    expect(await claimAll()).toBeLessThanOrEqual(12);
  });

  test('of an endpoint with a rate below one per second begins with one token', async () => {
    const { store, inspect, leaseHolder } = fixture;
    const keys = Array.from({ length: 3 }, (_, i) => ({ key: `case-${i}` }));
    await store.ingest(new Partition().batch([endpoint({ ratePerSecond: 0.01 })], ...keys));
    await fixture.claimOne();
    expect(await store.claim(leaseHolder, 10)).toEqual([]);
    await inspect.timePasses(100_000);
    expect(await store.claim(leaseHolder, 10)).toHaveLength(1);
  });

  describe('among ten thousand lanes of another endpoint', () => {
    const crowd = endpoint();
    test.each([
      ['due', true],
      ['due and of which the endpoint is disabled', false],
    ])('that are %s returns the lane of a quiet endpoint at once', async (_, enabled) => {
      const { store, leaseHolder } = fixture;
      await store.setDestination({ endpointId: crowd.id, ...crowd });
      const keys = Array.from({ length: 500 }, () => ({}));
      const partition = new Partition();
      for (let n = 0; n < 20; n++)
        await store.ingest(
          partition.batch([crowd], ...keys.map((_k, i) => ({ key: `${n}/${i}` }))),
        );
      await store.setDestination({ endpointId: crowd.id, ...crowd, enabled, revision: 2 });
      const quiet = endpoint();
      await store.ingest(new Partition(1).batch([quiet], {}));
      const heads = await store.claim(leaseHolder, 8);
      expect(heads.map(({ endpointId }) => endpointId)).toContain(quiet.id);
    });
  });
}
