import { randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import { drain } from '../drain.ts';
import { batchOf, callback, endpoint, incomingEvent, namedId, Partition } from '../events.ts';
import type { LaneStoreFixture } from './lane-store.suite.ts';

export function ingests(subject: LaneStoreFixture): void {
  test('TE-22 a lane hands out its deliveries in the order of their records, each with the one before it', async () => {
    const { store } = subject;
    const partition = new Partition();
    const ids = [1, 2, 3].map((n) => namedId(n));
    await store.ingest(partition.batch([endpoint()], { id: ids[0]! }, { id: ids[1]! }));
    await store.ingest(partition.batch([endpoint()], { id: ids[2]!, key: 'another' }));
    const heads = await drain(store);
    const lane = heads.filter(({ eventId }) => eventId !== ids[2]);
    expect(lane.map(({ eventId, seq, previousId }) => [eventId, seq, previousId])).toEqual([
      [ids[0], '1', null],
      [ids[1], '2', ids[0]],
    ]);
  });

  test('is stored with where it came from, and what it said', async () => {
    const { store, inspect } = subject;
    const event = incomingEvent({ offset: 41n, subject: 'applicant/7', correlationId: 'trace-7' });
    const batch = batchOf([endpoint()], [event], { partition: 3 });
    batch.events[0]!.callbackUrl = 'sealed';
    batch.events[0]!.misplaced = true;
    await store.ingest(batch);
    expect(await inspect.events()).toEqual([
      {
        id: event.id,
        matched: 1,
        partition: 3,
        offset: 41n,
        subject: 'applicant/7',
        correlationId: 'trace-7',
        callbackUrl: 'sealed',
        misplaced: true,
        erased: false,
      },
    ]);
  });

  test('comes out as it was pinned', async () => {
    const { store } = subject;
    const to = endpoint();
    const event = incomingEvent({ traceparent: 'some' });
    const batch = batchOf([to], [event]);
    Object.assign(batch.events[0]!.deliveries[0]!, { version: 3, fault: 'CONVERSION_FAILED: no' });
    await store.ingest(batch);
    const [delivery] = batch.events[0]!.deliveries;
    expect(await subject.claimOne()).toMatchObject({
      eventId: event.id,
      eventType: event.type,
      endpointId: to.id,
      callback: null,
      organizationId: event.organizationId,
      dialect: 'casewire',
      version: 3,
      fault: 'CONVERSION_FAILED: no',
      headers: delivery!.headers,
      body: delivery!.body,
      gap: 0,
      replayJob: null,
      lastStatus: null,
      lastError: null,
      traceparent: 'some',
    });
  });

  test('TE-23 a batch that comes again adds nothing, and says so', async () => {
    const { store } = subject;
    const batch = new Partition().batch([endpoint()], {}, {}, {});
    const none = { heads: [] };
    expect(await store.ingest(batch)).toEqual({ events: 3, deliveries: 3, skipped: 0, ...none });
    expect(await store.ingest(batch)).toEqual({ events: 0, deliveries: 0, skipped: 3, ...none });
    expect(await drain(store)).toHaveLength(3);
  });

  test('TE-23 a reader that was late with the same records under an older view adds nothing', async () => {
    const { store } = subject;
    const events = [0n, 1n, 2n].map((offset) => incomingEvent({ offset }));
    const [known, unknownToTheZombie] = [endpoint(), endpoint()];
    const zombie = batchOf([known], events.slice(0, 2));
    await store.ingest(batchOf([known, unknownToTheZombie], events));
    expect(await store.ingest(zombie)).toMatchObject({ events: 0, deliveries: 0 });
    expect(await drain(store)).toHaveLength(6);
  });

  test('TE-23 two readers with the same records at once take them in once', async () => {
    const { store } = subject;
    const endpoints = [endpoint(), endpoint()];
    const events = Array.from({ length: 20 }, (_, i) =>
      incomingEvent({ offset: BigInt(i), key: `case-${i % 3}` }),
    );
    const taken = await Promise.all(
      [1, 2, 3, 4].map(() => store.ingest(batchOf(endpoints, events))),
    );
    expect(taken.reduce((sum, { deliveries }) => sum + deliveries, 0)).toBe(40);
    expect(await drain(store)).toHaveLength(40);
  });

  test('a batch that overlaps the one before adds only what is new of it', async () => {
    const { store } = subject;
    const events = [0n, 1n, 2n, 3n].map((offset) => incomingEvent({ offset }));
    await store.ingest(batchOf([endpoint()], events.slice(0, 3)));
    const taken = await store.ingest(batchOf([endpoint()], events.slice(1)));
    expect(taken).toMatchObject({ events: 1, deliveries: 1, skipped: 2 });
  });

  test('TE-23 an event that was published twice is one event, in one batch and in several, on one partition and on another', async () => {
    const { store } = subject;
    const event = { id: randomUUID(), data: { n: 1 } };
    const [first, second] = [new Partition(0), new Partition(1)];
    const one = { events: 1 };
    const none = { events: 0 };
    expect(await store.ingest(first.batch([endpoint()], event, event))).toMatchObject(one);
    expect(await store.ingest(first.batch([endpoint()], event))).toMatchObject(none);
    expect(await store.ingest(second.batch([endpoint()], event))).toMatchObject(none);
    expect(await drain(store)).toHaveLength(1);
  });

  test.each([
    ['in one batch', true],
    ['in another batch', false],
  ])('an id that is used again for other content is refused, %s', async (_, together) => {
    const { store, inspect } = subject;
    const id = randomUUID();
    const partition = new Partition();
    const [event, other] = [
      { id, data: { n: 1 } },
      { id, data: { n: 2 } },
    ];
    if (!together) await store.ingest(partition.batch([endpoint()], event));
    const batch = together
      ? partition.batch([endpoint()], event, other)
      : partition.batch([endpoint()], other);
    await expect(store.ingest(batch)).rejects.toMatchObject({
      code: 'EVENT_ID_REUSED',
      retriable: false,
    });
    expect(await inspect.events()).toHaveLength(together ? 0 : 1);
  });

  test('partitions that take in the same events in opposite orders do not lock each other out', async () => {
    const { store } = subject;
    const events = Array.from({ length: 40 }, (_, i) => ({ id: namedId(i), key: `case-${i}` }));
    const endpoints = [endpoint(), endpoint()];
    for (let round = 0; round < 5; round++) {
      const fresh = events.map(({ key }, i) => ({ key, id: namedId(round, i) }));
      const taken = await Promise.all(
        [0, 1, 2, 3].map((number) => {
          const partition = new Partition(number + round * 4);
          const order = number % 2 === 0 ? fresh : fresh.toReversed();
          return store.ingest(partition.batch(endpoints, ...order));
        }),
      );
      expect(taken.reduce((sum, { events: added }) => sum + added, 0)).toBe(40);
    }
  });

  test('events of an endpoint that was deleted before are stored as canceled', async () => {
    const { store } = subject;
    const gone = endpoint();
    await store.ingest(new Partition(0).batch([gone], {}));
    await store.deleteDestination(gone.id);
    await store.ingest(new Partition(1).batch([gone, endpoint()], {}));
    expect(await subject.states()).toEqual(['canceled', 'canceled', 'pending']);
    expect(await drain(store)).toHaveLength(1);
  });

  test('an endpoint that was deleted before it was ever matched stays deleted, whatever a late batch says', async () => {
    const { store } = subject;
    const gone = endpoint();
    await store.deleteDestination(gone.id);
    await store.ingest(new Partition().batch([gone], {}));
    await store.setDestination({ endpointId: gone.id, ...gone, revision: 9 });
    expect(await drain(store)).toEqual([]);
    expect(await subject.states()).toEqual(['canceled']);
  });

  test('an event that no endpoint wants is kept, and nothing is due', async () => {
    const { store, inspect } = subject;
    expect(await store.ingest(new Partition().batch([], {}))).toMatchObject({ events: 1 });
    expect(await inspect.events()).toMatchObject([{ matched: 0 }]);
  });

  test('TI-2 for a callback URL goes to that URL, the same URL being the same destination', async () => {
    const { store, inspect } = subject;
    const [one, other] = [callback('https://one.test/a'), callback('https://one.test/b')];
    const partition = new Partition();
    const to = (...callbacks: (typeof one)[]) =>
      partition.batch(
        callbacks.map((of) => ({ callback: of })),
        {},
      );
    await store.ingest(to(one));
    // Sealed again, it looks different each time.
    await store.ingest(to({ ...one, sealedUrl: 'sealed another time' }, other));
    expect(await inspect.destinations()).toMatchObject([
      { endpointId: null, callbackUrl: one.sealedUrl, host: 'one.test' },
      { endpointId: null, callbackUrl: other.sealedUrl, host: 'one.test' },
    ]);
    const heads = await drain(store);
    expect(heads.map(({ callback: at, endpointId }) => [at?.sealedUrl, endpointId])).toEqual(
      expect.arrayContaining([
        [one.sealedUrl, null],
        [one.sealedUrl, null],
        [other.sealedUrl, null],
      ]),
    );
    expect(heads[0]!.callback).toEqual({
      hash: expect.any(Buffer) as Buffer,
      sealedUrl: expect.any(String) as string,
      host: 'one.test',
    });
  });

  test('TG-20 goes to a callback URL and to endpoints alike', async () => {
    const { store } = subject;
    const to = endpoint();
    const batch = new Partition().batch([to, { callback: callback('https://one.test/') }], {});
    expect(await store.ingest(batch)).toMatchObject({ deliveries: 2 });
    const ends = (await drain(store)).map(({ endpointId }) => endpointId);
    expect(ends).toHaveLength(2);
    expect(ends).toEqual(expect.arrayContaining([to.id, null]));
  });

  test('G2 TE-23 is claimed along with it, up to what is offered', async () => {
    const { store, leaseHolder } = subject;
    const keys = Array.from({ length: 20 }, (_, i) => ({ key: `case-${i}` }));
    const batch = new Partition().batch([endpoint(), endpoint()], ...keys);
    const { heads, deliveries } = await store.ingest(batch, { leaseHolder, slots: 7 });
    expect(deliveries).toBe(40);
    // By the rule of every claim some slots stay free for others.
    expect([4, 5, 6, 7]).toContain(heads.length);
    expect(new Set(heads.map(({ deliveryId }) => deliveryId)).size).toBe(heads.length);
    expect(await subject.left()).toMatchObject({ leased: heads.length });
    // Again it brings nothing, and claims nothing.
    expect(await store.ingest(batch, { leaseHolder, slots: 7 })).toMatchObject({
      heads: [],
    });
    const others = await store.claim(randomUUID(), 100);
    expect(others.map(({ laneId }) => laneId)).not.toContain(heads[0]!.laneId);
  });

  test('G3 is claimed along with it only from the head of its lane on', async () => {
    const { store, leaseHolder } = subject;
    const to = endpoint();
    const partition = new Partition();
    await store.ingest(partition.batch([to], {}));
    const first = await subject.claimOne();
    const offer = { leaseHolder: randomUUID(), slots: 10 };
    expect((await store.ingest(partition.batch([to], {}, {}), offer)).heads).toEqual([]);
    await subject.leasesEnd();
    const { heads } = await store.ingest(partition.batch([to], {}), offer);
    expect(heads).toMatchObject([{ eventId: first.eventId, seq: '1', attempt: 2 }]);
    expect((await store.recordResults(leaseHolder, [])).counted).toBe(0);
  });

  test('is not claimed along with it where the endpoint may not be called', async () => {
    const { store, leaseHolder } = subject;
    const [disabled, suspended, slow, open] = [
      endpoint({ enabled: false }),
      endpoint(),
      endpoint({ maxInFlight: 2 }),
      endpoint({ ratePerSecond: 3 }),
    ];
    for (const one of [suspended]) await store.setDestination({ endpointId: one.id, ...one });
    await store.suspend(suspended.id, 'failing');
    const keys = Array.from({ length: 9 }, (_, i) => ({ key: `case-${i}` }));
    const batch = new Partition().batch([disabled, suspended, slow, open], ...keys);
    const { heads } = await store.ingest(batch, { leaseHolder, slots: 100 });
    const count = (id: string) => heads.filter(({ endpointId }) => endpointId === id).length;
    expect([disabled, suspended, slow, open].map(({ id }) => count(id))).toEqual([0, 0, 2, 3]);
  });
}
