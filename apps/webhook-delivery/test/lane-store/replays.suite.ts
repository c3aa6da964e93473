import { randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import type { IngestBatch, ReplayItem } from '../../src/model/lane-store.ts';
import { drain } from '../drain.ts';
import { endpoint, resultOf, Partition } from '../events.ts';
import type { LaneStoreFixture } from './lane-store.suite.ts';

/** Every delivery of a batch, to be sent again. */
export const replayOf = (batch: IngestBatch): ReplayItem[] =>
  batch.events.flatMap(({ event: { id: eventId, topic }, lane, deliveries }) =>
    deliveries.map(({ dialect, version, headers, body, fault }) => ({
      eventId,
      topic,
      lane,
      dialect,
      version,
      headers,
      body,
      fault,
    })),
  );

export function replays(subject: LaneStoreFixture): void {
  const delivered = async (...events: { key: string }[]) => {
    const { store, inspect } = subject;
    const to = endpoint();
    const partition = new Partition();
    const batch = partition.batch([to], ...events);
    await store.ingest(batch);
    await drain(store);
    const { id: destinationId } = (await inspect.destinations())[0]!;
    return { to, partition, batch, destinationId, items: replayOf(batch) };
  };

  test('sends again in the given order, lane by lane, beside the events’ own lanes and without holding them up', async () => {
    const { store, inspect } = subject;
    const again = await delivered({ key: 'a' }, { key: 'a' }, { key: 'b' });
    const reversed = again.items.toReversed();
    expect(await store.enqueueReplay('1', again.destinationId, reversed)).toBe(3);
    await store.ingest(again.partition.batch([again.to], { key: 'a' }));
    const heads = await drain(store);
    const replayed = heads.filter(({ replayJob }) => replayJob === '1');
    const ofA = replayed.filter(({ eventId }) => eventId !== again.items[2]!.eventId);
    expect(ofA.map(({ eventId }) => eventId)).toEqual([
      again.items[1]!.eventId,
      again.items[0]!.eventId,
    ]);
    expect(heads.filter(({ replayJob }) => replayJob === null)).toMatchObject([
      { seq: '3', gap: 0, previousId: again.items[1]!.eventId },
    ]);
    expect((await inspect.lanes()).map(({ key, replayJob }) => [key, replayJob])).toEqual(
      expect.arrayContaining([
        ['a', null],
        ['b', null],
        ['a', '1'],
        ['b', '1'],
      ]),
    );
  });

  test('G2 puts an event there once, whatever is asked for again, and at once', async () => {
    const { store } = subject;
    const { destinationId, items } = await delivered({ key: 'a' }, { key: 'b' });
    const put = await Promise.all(
      [1, 2, 3].map(() => store.enqueueReplay('1', destinationId, [...items, ...items])),
    );
    expect(put.toSorted()).toEqual([0, 0, 2]);
    expect(await store.enqueueReplay('2', destinationId, items)).toBe(2);
    expect(await drain(store)).toHaveLength(4);
  });

  test('carries on where it stopped, behind what is there', async () => {
    const { store } = subject;
    const { destinationId, items } = await delivered({ key: 'a' }, { key: 'a' }, { key: 'a' });
    expect(await store.enqueueReplay('1', destinationId, items.slice(0, 2))).toBe(2);
    expect(await store.enqueueReplay('1', destinationId, items)).toBe(1);
    expect((await drain(store)).map(({ eventId }) => eventId)).toEqual(
      items.map(({ eventId }) => eventId),
    );
  });

  test('that is canceled sends nothing more, takes nothing more, and an answer under way changes nothing', async () => {
    const { store, leaseHolder } = subject;
    const { destinationId, items } = await delivered({ key: 'a' }, { key: 'a' }, { key: 'b' });
    await store.enqueueReplay('1', destinationId, items);
    await store.enqueueReplay('2', destinationId, items.slice(0, 1));
    const heads = await store.claim(leaseHolder, 10);
    expect(await store.cancelReplay('1')).toBe(3);
    expect(await store.cancelReplay('1')).toBe(0);
    const { counted } = await store.recordResults(
      leaseHolder,
      heads.map((head) => resultOf(head)),
    );
    expect(counted).toBe(1);
    expect((await subject.states()).filter((state) => state === 'canceled')).toHaveLength(3);
  });

  test('that holds is let go by its cancellation', async () => {
    const { store, leaseHolder, inspect } = subject;
    const { destinationId, items } = await delivered({ key: 'a' }, { key: 'a' });
    await store.enqueueReplay('1', destinationId, items);
    await store.recordResults(leaseHolder, [resultOf(await subject.claimOne(), 'blocked')]);
    expect(await store.cancelReplay('1')).toBe(2);
    expect((await inspect.lanes()).map(({ blocked }) => blocked)).toEqual([false, false]);
  });

  test('leaves out what was erased', async () => {
    const { store } = subject;
    const { to, partition, destinationId, items } = await delivered({ key: 'a' }, { key: 'b' });
    await store.ingest(partition.batch([to], { key: 'a', type: 'case.erased' }));
    await drain(store);
    expect(await store.enqueueReplay('1', destinationId, items)).toBe(1);
    expect((await drain(store)).map(({ eventId }) => eventId)).toEqual([items[1]!.eventId]);
  });

  test('of an event that the destination never got is possible, and is no delivery of its own', async () => {
    const { store, inspect } = subject;
    const { destinationId } = await delivered({ key: 'a' });
    const unseen = new Partition(1).batch([], { key: 'c' });
    await store.ingest(unseen);
    const pinned = new Partition(2).batch([endpoint()], {
      id: unseen.events[0]!.event.id,
      key: 'c',
    });
    expect(await store.enqueueReplay('1', destinationId, replayOf(pinned))).toBe(1);
    expect(await drain(store)).toHaveLength(1);
    expect((await inspect.events()).map(({ matched }) => matched)).toEqual([1, 0]);
  });

  test('to a destination that is no more puts nothing', async () => {
    const { store } = subject;
    const { to, destinationId, items } = await delivered({ key: 'a' });
    await store.deleteDestination(to.id);
    expect(await store.enqueueReplay('1', destinationId, items)).toBe(0);
    expect(await store.enqueueReplay('1', '999999999', items)).toBe(0);
  });

  test('that is under way when its destination is deleted is canceled with it', async () => {
    const { store } = subject;
    const { to, destinationId, items } = await delivered({ key: 'a' });
    await store.enqueueReplay('1', destinationId, items);
    await store.claim(randomUUID(), 10);
    await store.deleteDestination(to.id);
    expect(await subject.states()).toEqual(['delivered', 'canceled']);
  });
}
