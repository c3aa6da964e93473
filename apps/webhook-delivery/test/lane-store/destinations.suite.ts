import { expect, test } from 'vitest';

import { drain } from '../drain.ts';
import { callback, endpoint, resultOf, Partition } from '../events.ts';
import type { LaneStoreFixture } from './lane-store.suite.ts';

const day = 86_400_000;

export function destinations(subject: LaneStoreFixture): void {
  test('of which the registry says something older than what is known stays as it is', async () => {
    const { store, leaseHolder } = subject;
    const known = endpoint({ revision: 5, enabled: false });
    await store.setDestination({ endpointId: known.id, ...known });
    await store.setDestination({ endpointId: known.id, ...known, revision: 4, enabled: true });
    await store.ingest(new Partition().batch([{ ...known, revision: 3, enabled: true }], {}));
    expect(await store.claim(leaseHolder, 1)).toEqual([]);
  });

  test('TW-23 that is gone: what is open is canceled, and the answer under way changes nothing', async () => {
    const { store, leaseHolder } = subject;
    const gone = endpoint();
    await store.ingest(new Partition().batch([gone, endpoint()], {}, {}));
    const heads = await store.claim(leaseHolder, 10);
    const head = heads.find(({ endpointId }) => endpointId === gone.id)!;
    await store.deleteDestination(gone.id);
    await store.deleteDestination(gone.id);
    expect((await store.recordResults(leaseHolder, [resultOf(head)])).counted).toBe(0);
    const states = (await subject.states()).toSorted();
    expect(states).toEqual(['canceled', 'canceled', 'pending', 'pending']);
  });

  test('TW-23 that is gone: a lane that was blocked is canceled, too', async () => {
    const { store, leaseHolder } = subject;
    const gone = endpoint();
    await store.ingest(new Partition().batch([gone], {}, {}));
    await store.recordResults(leaseHolder, [resultOf(await subject.claimOne(), 'blocked')]);
    await store.deleteDestination(gone.id);
    expect(await subject.states()).toEqual(['canceled', 'canceled']);
  });

  test('takes over a lower limit and a rate at once', async () => {
    const { store, leaseHolder } = subject;
    const known = endpoint();
    const keys = Array.from({ length: 9 }, (_, i) => ({ key: `case-${i}` }));
    await store.ingest(new Partition().batch([known], ...keys));
    await store.setDestination({ endpointId: known.id, ...known, revision: 2, maxInFlight: 3 });
    expect(await store.claim(leaseHolder, 100)).toHaveLength(3);
    const rated = { maxInFlight: 64, ratePerSecond: 2 };
    await store.setDestination({ endpointId: known.id, ...known, revision: 3, ...rated });
    expect((await store.claim(leaseHolder, 100)).length).toBeLessThanOrEqual(3);
  });

  test('that is suspended accrues, and goes on in order when it is resumed', async () => {
    const { store, inspect } = subject;
    const to = endpoint();
    const partition = new Partition();
    await store.ingest(partition.batch([to], {}));
    expect(await store.suspend(to.id, 'failing')).toBe(true);
    expect(await store.suspend(to.id, 'gone')).toBe(false);
    expect(await inspect.destinations()).toMatchObject([{ suspension: 'failing', enabled: true }]);
    await store.ingest(partition.batch([to], {}));
    expect(await drain(store)).toEqual([]);
    expect(await store.resume(to.id)).toBe(true);
    expect(await store.resume(to.id)).toBe(false);
    expect((await drain(store)).map(({ seq }) => seq)).toEqual(['1', '2']);
    expect(await store.suspend(namedNowhere, 'failing')).toBe(false);
  });

  test('that is suspended is called again when the registry enables it anew, and not by an older word', async () => {
    const { store } = subject;
    const to = endpoint({ revision: 4 });
    await store.ingest(new Partition().batch([to], {}));
    await store.suspend(to.id, 'gone');
    await store.setDestination({ endpointId: to.id, ...to });
    await store.setDestination({ endpointId: to.id, ...to, revision: 5, enabled: false });
    expect(await drain(store)).toEqual([]);
    await store.setDestination({ endpointId: to.id, ...to, revision: 6, enabled: true });
    expect(await drain(store)).toHaveLength(1);
  });

  test('that is suspended lets an answer under way count', async () => {
    const { store, leaseHolder } = subject;
    const to = endpoint();
    await store.ingest(new Partition().batch([to], {}));
    const head = await subject.claimOne();
    await store.suspend(to.id, 'failing');
    expect((await store.recordResults(leaseHolder, [resultOf(head)])).counted).toBe(1);
  });

  test.each(['disabled', 'suspended'])(
    'G5 that has been %s for longer than the retention: what waited so long expires, what is younger waits on',
    async (how) => {
      const { store, inspect } = subject;
      const [closed, open] = [endpoint(), endpoint()];
      const partition = new Partition();
      await store.ingest(partition.batch([closed, open], {}, {}, { key: 'another' }));
      if (how === 'suspended') await store.suspend(closed.id, 'failing');
      else
        await store.setDestination({
          endpointId: closed.id,
          ...closed,
          enabled: false,
          revision: 2,
        });
      const retention = async () => new Date((await inspect.now()).getTime() - 30 * day);
      await inspect.timePasses(20 * day);
      await store.ingest(partition.batch([closed], {}, { key: 'a third' }));
      expect(await store.expire(await retention())).toBe(0);
      await inspect.timePasses(11 * day);
      expect(await store.expire(await retention())).toBe(3);
      expect(await store.expire(await retention())).toBe(0);
      const of = (await inspect.deliveries()).filter(({ endpointId }) => endpointId === closed.id);
      expect(of.map(({ state }) => state)).toEqual([
        'expired',
        'expired',
        'expired',
        'pending',
        'pending',
      ]);
      await store.resume(closed.id);
      await store.setDestination({ endpointId: closed.id, ...closed, revision: 3 });
      const heads = (await drain(store)).filter(({ endpointId }) => endpointId === closed.id);
      expect(heads.map(({ seq, gap }) => [seq, gap]).toSorted()).toEqual([
        ['1', 0],
        ['3', 2],
      ]);
    },
  );

  test('G5 that has only just been disabled keeps even what is old', async () => {
    const { store, inspect } = subject;
    const to = endpoint();
    await store.ingest(new Partition().batch([to], {}));
    await inspect.timePasses(40 * day);
    await store.setDestination({ endpointId: to.id, ...to, enabled: false, revision: 2 });
    const olderThan = new Date((await inspect.now()).getTime() - 30 * day);
    expect(await store.expire(olderThan)).toBe(0);
  });

  test('G5 that is blocked when it expires is blocked no more', async () => {
    const { store, inspect, leaseHolder } = subject;
    const to = endpoint({ onExhausted: 'block' });
    await store.ingest(new Partition().batch([to], {}));
    await store.recordResults(leaseHolder, [resultOf(await subject.claimOne(), 'blocked')]);
    await store.suspend(to.id, 'failing');
    await inspect.timePasses(31 * day);
    const olderThan = new Date((await inspect.now()).getTime() - 30 * day);
    expect(await store.expire(olderThan)).toBe(1);
    expect(await inspect.lanes()).toMatchObject([{ blocked: false, head: 2, gap: 1 }]);
  });

  test('that is a callback URL is never suspended', async () => {
    const { store, leaseHolder, inspect } = subject;
    const to = { callback: callback('https://one.test/') };
    await store.ingest(new Partition().batch([to], {}, {}));
    const gone = { status: 410 };
    await store.recordResults(leaseHolder, [resultOf(await subject.claimOne(), 'failed', gone)]);
    expect(await inspect.destinations()).toMatchObject([{ suspension: null }]);
    expect(await drain(store)).toHaveLength(2);
  });
}

const namedNowhere = '00000000-0000-4000-8000-000000000000';
