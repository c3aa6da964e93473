import { expect, test } from 'vitest';

import type { ClaimedHead, AttemptOutcome } from '../../src/model/lane-store.ts';
import { drain } from '../drain.ts';
import { callback, endpoint, resultOf, Partition, type TestDestination } from '../events.ts';
import type { LaneStoreFixture } from './lane-store.suite.ts';

export function health(subject: LaneStoreFixture): void {
  const keys = (n: number) => Array.from({ length: n }, (_, i) => ({ key: `case-${i}` }));
  const take = async (wanted: TestDestination[], n: number) => {
    await subject.store.ingest(new Partition().batch(wanted, ...keys(n)));
    return subject.store.claim(subject.leaseHolder, 100);
  };
  const finish = (heads: ClaimedHead[], outcome: AttemptOutcome, over: object = {}) =>
    subject.store.recordResults(
      subject.leaseHolder,
      heads.map((head) => resultOf(head, outcome, over)),
    );
  const only = async () => (await subject.inspect.destinations())[0]!;

  test('is written when it changes, and forgets failures at the first success', async () => {
    const [one, two, three, ...rest] = await take([endpoint()], 5);
    await finish([one!, two!], 'failed');
    expect(await only()).toMatchObject({ failures: 2, failing: true, delivered: false, gateMs: 0 });
    await finish([three!], 'delivered');
    expect(await only()).toMatchObject({ failures: 0, failing: false, delivered: true, trips: 0 });
    await finish(rest, 'delivered');
  });

  test('opens the breaker after ten failures in a row over all lanes, and not before', async () => {
    const heads = await take([endpoint()], 30);
    await finish(heads.slice(0, 9), 'failed');
    expect(await only()).toMatchObject({ failures: 9, trips: 0, gateMs: 0 });
    await finish(heads.slice(9, 10), 'failed');
    const open = await only();
    expect(open).toMatchObject({ failures: 10, trips: 1, inFlightLimit: 1 });
    expect(open.gateMs).toBeGreaterThan(0);
    expect(open.gateMs).toBeLessThanOrEqual(1100);
    // What was under way when it opened says nothing more.
    await finish(heads.slice(10), 'failed');
    expect(await only()).toMatchObject({ failures: 10, trips: 1 });
    expect(await subject.store.claim(subject.leaseHolder, 100)).toEqual([]);
  });

  test('does not open the breaker while any lane succeeds', async () => {
    const heads = await take([endpoint()], 40);
    for (let i = 0; i < 4; i++) {
      await finish(heads.slice(i * 10, i * 10 + 9), 'failed');
      await finish(heads.slice(i * 10 + 9, i * 10 + 10), 'delivered');
    }
    expect(await only()).toMatchObject({ failures: 0, trips: 0, gateMs: 0 });
  });

  test('half open lets one request decide: a failure waits twice as long, a success closes the breaker', async () => {
    const { store, inspect, leaseHolder } = subject;
    await finish(await take([endpoint()], 20), 'failed');
    const pauses = [];
    for (let trips = 2; trips <= 12; trips++) {
      await inspect.timePasses(400_000);
      const probe = await store.claim(leaseHolder, 100);
      expect(probe).toHaveLength(1);
      expect(await store.claim(leaseHolder, 100)).toEqual([]);
      await finish(probe, 'failed');
      expect(await only()).toMatchObject({ trips, inFlightLimit: 1 });
      pauses.push((await only()).gateMs);
    }
    expect(pauses[0]).toBeGreaterThan(1500);
    expect(pauses[0]).toBeLessThan(2300);
    expect(pauses[4]! / pauses[3]!).toBeGreaterThan(1.6);
    for (const pause of pauses) expect(pause).toBeLessThanOrEqual(330_000);
    await inspect.timePasses(400_000);
    await finish(await store.claim(leaseHolder, 100), 'delivered');
    expect(await only()).toMatchObject({ trips: 0, failures: 0, gateMs: 0, inFlightLimit: 2 });
    expect(await drain(store)).toHaveLength(19);
  });

  test('TE-26 never counts an attempt while the gate is closed: the breaker delays, and exhausts nothing', async () => {
    const { store, inspect } = subject;
    await finish(await take([endpoint()], 12), 'failed');
    const before = (await inspect.lanes()).map(({ attempts }) => attempts);
    for (let i = 0; i < 5; i++) expect(await store.claim(subject.leaseHolder, 100)).toEqual([]);
    expect((await inspect.lanes()).map(({ attempts }) => attempts)).toEqual(before);
    expect(new Set(await subject.states())).toEqual(new Set(['pending']));
  });

  test('halves what may be in flight when the endpoint is overloaded, down to one, and lets it grow by one', async () => {
    const heads = await take([endpoint({ maxInFlight: 12 })], 40);
    expect(heads).toHaveLength(12);
    for (const [i, limit] of [6, 3, 1, 1].entries()) {
      await finish(heads.slice(i, i + 1), 'failed', { status: [429, 502, 503, 504][i] });
      expect(await only()).toMatchObject({ inFlightLimit: limit });
    }
    await finish(heads.slice(4, 5), 'failed', { status: 500 });
    expect(await only()).toMatchObject({ inFlightLimit: 1 });
    for (const [i, limit] of [2, 3, 4].entries()) {
      await finish(heads.slice(5 + i, 6 + i), 'delivered');
      expect(await only()).toMatchObject({ inFlightLimit: limit });
    }
    await finish(heads.slice(8), 'delivered');
    expect(await subject.store.claim(subject.leaseHolder, 100)).toHaveLength(5);
  });

  test('grows no further than the endpoint allows', async () => {
    await finish(await take([endpoint({ maxInFlight: 3 })], 3), 'delivered');
    expect(await only()).toMatchObject({ inFlightLimit: 3 });
  });

  test('holds off for as long as it was asked to, whatever is delivered meanwhile', async () => {
    const { store, inspect, leaseHolder } = subject;
    const [one, two] = await take([endpoint()], 4);
    await finish([one!], 'failed', { status: 429, requestedPauseMs: 600_000 });
    expect((await only()).gateMs).toBeGreaterThan(590_000);
    await finish([two!], 'delivered');
    expect((await only()).gateMs).toBeGreaterThan(590_000);
    expect(await store.claim(leaseHolder, 100)).toEqual([]);
    await inspect.timePasses(601_000);
    expect((await store.claim(leaseHolder, 100)).length).toBeGreaterThan(0);
  });

  test('ends with the endpoint suspended when it says that it is gone', async () => {
    const { store, leaseHolder } = subject;
    const [head] = await take([endpoint()], 1);
    await finish([head!], 'failed', { status: 410 });
    expect(await only()).toMatchObject({ suspension: 'gone' });
    expect(await store.claim(leaseHolder, 100)).toEqual([]);
    expect(await subject.states()).toEqual(['pending']);
  });

  test('is not touched by what was not sent', async () => {
    await finish(await take([endpoint()], 12), 'failed', { sent: false, status: null });
    expect(await only()).toMatchObject({ failures: 0, failing: false, trips: 0 });
  });

  test('is not touched by outcomes that do not count', async () => {
    const heads = await take([endpoint()], 12);
    await subject.leasesEnd();
    await subject.store.claim('00000000-0000-4000-8000-000000000001', 100);
    expect((await finish(heads, 'failed')).counted).toBe(0);
    expect(await only()).toMatchObject({ failures: 0, trips: 0 });
  });

  test('of callback URLs is their host’s: one failing host delays its own URLs and no others', async () => {
    const { store, inspect, leaseHolder } = subject;
    const to = (url: string) => ({ callback: callback(url) });
    const bad = Array.from({ length: 12 }, (_, i) => to(`https://bad.test/${i}`));
    const heads = await take([...bad, to('https://good.test/')], 1);
    const at = (host: string, some: ClaimedHead[]) =>
      some.filter(({ callback: of }) => of?.host === host);
    await finish(at('bad.test', heads), 'failed');
    await finish(at('good.test', heads), 'delivered');
    const partition = new Partition(1);
    await store.ingest(partition.batch([to('https://bad.test/new'), to('https://good.test/')], {}));
    expect((await store.claim(leaseHolder, 100)).map((head) => head.callback?.host)).toEqual([
      'good.test',
    ]);
    await inspect.timePasses(2000);
    // One request decides, over all URLs of the host and all who claim.
    const probes = [
      ...(await store.claim(leaseHolder, 100)),
      ...(await store.claim(leaseHolder, 100)),
    ];
    expect(probes.map((head) => head.callback?.host)).toEqual(['bad.test']);
    await finish(probes, 'failed');
    const trips = (await inspect.destinations()).filter(({ host }) => host === 'bad.test');
    expect(new Set(trips.map((one) => one.trips))).toEqual(new Set([2]));
    await inspect.timePasses(5000);
    await finish(await store.claim(leaseHolder, 100), 'delivered');
    expect((await store.claim(leaseHolder, 100)).length).toBeGreaterThan(5);
  });

  test('of a host whose probe was lost is found out by another one, after the lease', async () => {
    const { store, inspect, leaseHolder } = subject;
    const bad = Array.from({ length: 12 }, (_, i) => ({
      callback: callback(`https://bad.test/${i}`),
    }));
    await finish(await take(bad, 1), 'failed');
    await inspect.timePasses(2000);
    expect(await store.claim(leaseHolder, 100)).toHaveLength(1);
    expect(await store.claim(leaseHolder, 100)).toEqual([]);
    await subject.leasesEnd();
    expect(await store.claim(leaseHolder, 100)).toHaveLength(1);
  });
}
