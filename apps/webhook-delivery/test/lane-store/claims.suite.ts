import { randomUUID } from 'node:crypto';

import { describe, expect, test } from 'vitest';

import { drain } from '../drain.ts';
import { endpoint, resultOf, Partition } from '../events.ts';
import type { LaneStoreFixture } from './lane-store.suite.ts';

export function claims(subject: LaneStoreFixture): void {
  test('counts the attempt before it is made', async () => {
    const { store, inspect } = subject;
    await store.ingest(new Partition().batch([endpoint()], {}));
    expect((await subject.claimOne()).attempt).toBe(1);
    expect(await inspect.lanes()).toMatchObject([{ attempts: 1 }]);
  });

  test('says when the attempt was due, and what came of the one before', async () => {
    const { store, inspect, leaseHolder } = subject;
    await store.ingest(new Partition().batch([endpoint()], {}));
    const first = await subject.claimOne();
    const failed = { delayMs: 60_000, status: 503, error: 'HTTP_503' };
    await store.recordResults(leaseHolder, [resultOf(first, 'failed', failed)]);
    await inspect.timePasses(61_000);
    const { dueAt, ...second } = await subject.claimOne();
    expect(second).toMatchObject({ attempt: 2, lastStatus: 503, lastError: 'HTTP_503' });
    // A second ago, and what the test took.
    const ago = (await inspect.now()).getTime() - dueAt.getTime();
    expect(ago).toBeGreaterThanOrEqual(1000);
    expect(ago).toBeLessThan(6000);
  });

  test('of a lane that is leased gives nothing to anybody, and after the lease to whoever comes', async () => {
    const { store, leaseHolder } = subject;
    await store.ingest(new Partition().batch([endpoint()], {}));
    const first = await subject.claimOne();
    expect(await store.claim(leaseHolder, 10)).toEqual([]);
    expect(await store.claim(randomUUID(), 10)).toEqual([]);
    await subject.leasesEnd();
    const second = await subject.claimOne(randomUUID());
    expect(second).toMatchObject({ eventId: first.eventId, attempt: 2 });
    expect(second.epoch).not.toBe(first.epoch);
  });

  test('that was taken over changes nothing any more, not even by the same lease holder', async () => {
    const { store, leaseHolder } = subject;
    await store.ingest(new Partition().batch([endpoint()], {}, {}));
    const late = await subject.claimOne();
    await subject.leasesEnd();
    const present = await subject.claimOne();
    expect((await store.recordResults(leaseHolder, [resultOf(late)])).counted).toBe(0);
    expect(await store.release(leaseHolder, [late])).toBe(0);
    expect(await subject.states()).toEqual(['pending', 'pending']);
    expect((await store.recordResults(leaseHolder, [resultOf(present)])).counted).toBe(1);
    expect((await store.recordResults(leaseHolder, [resultOf(present)])).counted).toBe(0);
    expect((await subject.claimOne()).seq).toBe('2');
  });

  test('that was taken over by its own lease holder changes nothing, not even written down together with the present one', async () => {
    const { store, leaseHolder, inspect } = subject;
    await store.ingest(new Partition().batch([endpoint()], {}, {}, {}));
    const late = await subject.claimOne();
    await subject.leasesEnd();
    await store.recordResults(leaseHolder, [resultOf(await subject.claimOne())]);
    const present = await subject.claimOne();
    const outcomes = [resultOf(late, 'failed'), resultOf(present), resultOf(late)];
    expect((await store.recordResults(leaseHolder, outcomes)).counted).toBe(1);
    expect(await subject.states()).toEqual(['delivered', 'delivered', 'pending']);
    expect(await inspect.attempts()).toHaveLength(2);
  });

  test('whose lease has ended still counts while nobody else took the lane', async () => {
    const { store, leaseHolder } = subject;
    await store.ingest(new Partition().batch([endpoint()], {}));
    const head = await subject.claimOne();
    await subject.leasesEnd();
    expect((await store.recordResults(leaseHolder, [resultOf(head)])).counted).toBe(1);
    expect(await drain(store)).toEqual([]);
  });

  test('that was given back is due at once, and was no attempt', async () => {
    const { store, leaseHolder } = subject;
    await store.ingest(new Partition().batch([endpoint()], {}));
    const head = await subject.claimOne();
    expect(await store.release(leaseHolder, [head])).toBe(1);
    expect(await subject.left()).toMatchObject({ leased: 0, due: 1 });
    expect((await subject.claimOne(randomUUID())).attempt).toBe(1);
  });

  test('that has ended cannot be given back', async () => {
    const { store, leaseHolder } = subject;
    await store.ingest(new Partition().batch([endpoint()], {}, {}));
    const head = await subject.claimOne();
    await store.recordResults(leaseHolder, [resultOf(head)]);
    expect(await store.release(leaseHolder, [head])).toBe(0);
    const next = await subject.claimOne();
    expect(next.attempt).toBe(1);
    expect(await store.release(randomUUID(), [next])).toBe(0);
    expect(await subject.left()).toMatchObject({ leased: 1 });
  });

  test('TI-24 counts again after every crash: attempts whose outcome is lost are attempts', async () => {
    const { store } = subject;
    await store.ingest(new Partition().batch([endpoint()], {}));
    for (const attempt of [1, 2, 3, 4]) {
      expect(await subject.claimOne(randomUUID())).toMatchObject({ attempt });
      await subject.leasesEnd();
    }
  });

  test('passes over endpoints that are disabled, gone, or not to be called yet', async () => {
    const { store, leaseHolder } = subject;
    const [disabled, gone, gated, open] = [endpoint(), endpoint(), endpoint(), endpoint()];
    const partition = new Partition();
    await store.ingest(partition.batch([gated], {}));
    const asked = { status: 429, requestedPauseMs: 3_600_000 };
    await store.recordResults(leaseHolder, [resultOf(await subject.claimOne(), 'failed', asked)]);
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

  test('finds what an endpoint missed while it was disabled, in order', async () => {
    const { store, leaseHolder } = subject;
    const sleeper = endpoint({ enabled: false });
    const partition = new Partition();
    await store.ingest(partition.batch([sleeper], {}, {}));
    await store.ingest(partition.batch([sleeper], {}));
    expect(await store.claim(leaseHolder, 10)).toEqual([]);
    await store.setDestination({ endpointId: sleeper.id, ...sleeper, enabled: true, revision: 2 });
    expect((await drain(store)).map(({ seq }) => seq)).toEqual(['1', '2', '3']);
  });

  test('takes no more than there are slots, and of each endpoint one before it takes two of any', async () => {
    const { store, leaseHolder } = subject;
    const endpoints = Array.from({ length: 5 }, () => endpoint());
    const keys = Array.from({ length: 30 }, (_, i) => ({ key: `case-${i}` }));
    await store.ingest(new Partition().batch(endpoints, ...keys));
    const heads = await store.claim(leaseHolder, 5);
    expect(new Set(heads.map(({ endpointId }) => endpointId)).size).toBe(5);
    expect(heads).toHaveLength(5);
  });

  test('leaves slots for endpoints that come later, however many lanes of slow ones are due', async () => {
    const { store, leaseHolder } = subject;
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

  test('with a single slot serves everybody in the end', async () => {
    const { store, leaseHolder } = subject;
    const endpoints = Array.from({ length: 3 }, () => endpoint());
    await store.ingest(new Partition().batch(endpoints, {}, {}));
    for (let i = 0; i < 6; i++)
      await store.recordResults(leaseHolder, [resultOf(await subject.claimOne())]);
    expect(await subject.left()).toEqual({ pending: 0, due: 0, leased: 0 });
  });

  test('comes round to every one of many endpoints, most of them closed', async () => {
    const { store, leaseHolder } = subject;
    const endpoints = Array.from({ length: 450 }, (_, i) => endpoint({ enabled: i % 100 === 7 }));
    await store.ingest(new Partition().batch(endpoints, {}));
    const called = new Set<string | null>();
    for (let i = 0; i < 5; i++) {
      const head = await subject.claimOne();
      called.add(head.endpointId);
      await store.recordResults(leaseHolder, [resultOf(head)]);
    }
    expect(called).toEqual(new Set(endpoints.filter(({ enabled }) => enabled).map(({ id }) => id)));
    expect(await store.claim(leaseHolder, 10)).toEqual([]);
  });

  test('finds what has just come, however many endpoints wait for a retry', async () => {
    const { store, leaseHolder } = subject;
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
      const head = await subject.claimOne();
      expect(head).toMatchObject({ endpointId: fresh.id, seq });
      await store.recordResults(leaseHolder, [resultOf(head)]);
    }
  });

  test('never exceeds an endpoint’s limit, however many claim at once', async () => {
    const { store } = subject;
    const keys = Array.from({ length: 60 }, (_, i) => ({ key: `case-${i}` }));
    await store.ingest(new Partition().batch([endpoint({ maxInFlight: 5 })], ...keys));
    const owners = Array.from({ length: 6 }, () => randomUUID());
    for (let round = 0; round < 6; round++) {
      const claimed = await Promise.all(owners.map((by) => store.claim(by, 60)));
      expect(await subject.left()).toMatchObject({ leased: 5 });
      for (const [i, heads] of claimed.entries())
        await store.recordResults(
          owners[i]!,
          heads.map((head) => resultOf(head)),
        );
    }
  });

  test('takes no more of an endpoint than its rate, over all who claim', async () => {
    const { store, inspect } = subject;
    const keys = Array.from({ length: 60 }, (_, i) => ({ key: `case-${i}` }));
    await store.ingest(new Partition().batch([endpoint({ ratePerSecond: 10 })], ...keys));
    const take = async () => {
      const owners = Array.from({ length: 3 }, () => randomUUID());
      const claimed = await Promise.all(owners.map((by) => store.claim(by, 60)));
      return claimed.flat().length;
    };
    // One second's worth at first; a token may have come since.
    const first = await take();
    expect([10, 11, 12]).toContain(first);
    await inspect.timePasses(500);
    const second = await take();
    expect(second).toBeGreaterThanOrEqual(4);
    expect(first + second).toBeLessThanOrEqual(20);
    await inspect.timePasses(3_600_000);
    expect(await take()).toBeLessThanOrEqual(12);
  });

  test('of an endpoint that may be called less than once a second has a token to begin with', async () => {
    const { store, inspect, leaseHolder } = subject;
    const keys = Array.from({ length: 3 }, (_, i) => ({ key: `case-${i}` }));
    await store.ingest(new Partition().batch([endpoint({ ratePerSecond: 0.01 })], ...keys));
    await subject.claimOne();
    expect(await store.claim(leaseHolder, 10)).toEqual([]);
    await inspect.timePasses(100_000);
    expect(await store.claim(leaseHolder, 10)).toHaveLength(1);
  });

  describe('among ten thousand lanes of another endpoint', () => {
    const crowd = endpoint();
    test.each([
      ['due', true],
      ['due, which is disabled', false],
    ])('that are %s takes the one of a quiet endpoint at once', async (_, enabled) => {
      const { store, leaseHolder } = subject;
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
