import { randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import { drain } from '../drain.ts';
import { batchOf, callback, endpoint, incomingEvent, resultOf, Partition } from '../events.ts';
import type { LaneStoreFixture } from './lane-store.suite.ts';
import { replayOf } from './replays.suite.ts';

export function erasures(subject: LaneStoreFixture): void {
  const partner = endpoint();
  const erased = (key: string, over = {}) => ({ type: 'case.erased', key, data: { key }, ...over });

  test('cancels what is open for its key and scrubs all that is stored of it, of no other key', async () => {
    const { store, inspect } = subject;
    const partition = new Partition();
    await store.ingest(partition.batch([partner], { key: 'a' }, { key: 'b' }));
    await drain(store);
    await store.ingest(
      partition.batch([partner], { key: 'a', feature: 'extraction' }, { key: 'b' }),
    );
    await store.ingest(partition.batch([], erased('a')));
    const deliveries = await inspect.deliveries();
    expect(deliveries.map(({ state, scrubbed }) => [state, scrubbed])).toEqual([
      ['delivered', true],
      ['delivered', false],
      ['canceled', true],
      ['pending', false],
    ]);
    const attempts = await inspect.attempts();
    const said = (i: number) =>
      attempts.find(({ deliveryId }) => deliveryId === deliveries[i]!.id)!.responseBody;
    expect([said(0), said(1)]).toEqual([null, 'answered']);
    expect((await inspect.events()).map((event) => event.erased)).toEqual([
      true,
      false,
      true,
      false,
      false,
    ]);
  });

  test('scrubs what receivers said in the attempts, and the words of what failed', async () => {
    const { store, inspect, leaseHolder } = subject;
    const partition = new Partition();
    const error = 'ECONNRESET: by the host of Ada';
    for (const key of ['a', 'b']) {
      await store.ingest(partition.batch([partner], { key }));
      await store.recordResults(leaseHolder, [
        resultOf(await subject.claimOne(), 'failed', { error, delayMs: 1e6 }),
      ]);
    }
    await store.ingest(partition.batch([], erased('a')));
    const attempts = await inspect.attempts();
    const [scrubbed, kept] = await inspect.deliveries();
    const said = (id: string) => attempts.find(({ deliveryId }) => deliveryId === id);
    expect(said(scrubbed!.id)).toMatchObject({
      status: 500,
      error: 'ECONNRESET',
      responseHeaders: null,
      responseBody: null,
    });
    expect(scrubbed).toMatchObject({ lastStatus: 500, lastError: 'ECONNRESET' });
    expect(said(kept!.id)).toMatchObject({
      error,
      responseHeaders: { server: 'some' },
      responseBody: 'answered',
    });
    expect(kept).toMatchObject({ lastError: error });
  });

  test('scrubs the bytes of attempts, too', async () => {
    const { store, inspect, leaseHolder } = subject;
    const partition = new Partition();
    await store.ingest(partition.batch([partner], { key: 'a' }));
    const own = { requestBody: Buffer.from('personal') };
    await store.recordResults(leaseHolder, [resultOf(await subject.claimOne(), 'failed', own)]);
    await store.ingest(partition.batch([], erased('a')));
    expect(await inspect.attempts()).toMatchObject([{ requestBody: null, responseBody: null }]);
  });

  test('makes an answer that is under way count for nothing, and keeps nothing of it', async () => {
    const { store, inspect, leaseHolder } = subject;
    const partition = new Partition();
    await store.ingest(partition.batch([partner], { key: 'a' }));
    const head = await subject.claimOne();
    await store.ingest(partition.batch([], erased('a')));
    expect((await store.recordResults(leaseHolder, [resultOf(head)])).counted).toBe(0);
    expect(await subject.states()).toEqual(['canceled']);
    expect(await inspect.attempts()).toEqual([]);
  });

  test('reaches events that have no order, too', async () => {
    const { store } = subject;
    const partition = new Partition();
    await store.ingest(
      partition.batch([partner], { key: 'a', eventType: { ordering: 'none' } }, { key: 'b' }),
    );
    await store.ingest(partition.batch([], erased('a')));
    expect(await subject.states()).toEqual(['canceled', 'pending']);
  });

  test('reaches what is blocked, and what is sent again', async () => {
    const { store, inspect, leaseHolder } = subject;
    const partition = new Partition();
    const batch = partition.batch([partner], { key: 'a' });
    await store.ingest(batch);
    await store.recordResults(leaseHolder, [resultOf(await subject.claimOne(), 'blocked')]);
    const { id } = (await inspect.destinations())[0]!;
    await store.enqueueReplay('1', id, replayOf(batch));
    await store.ingest(partition.batch([], erased('a')));
    expect(await subject.states()).toEqual(['canceled', 'canceled']);
    expect((await inspect.deliveries()).map(({ scrubbed }) => scrubbed)).toEqual([true, true]);
  });

  test('is itself delivered to whom it concerns, and says how much before it never came', async () => {
    const { store } = subject;
    const team = endpoint();
    const id = randomUUID();
    await store.ingest(
      new Partition().batch([team], { key: 'a' }, { key: 'a' }, erased('a', { id }), { key: 'a' }),
    );
    expect(await subject.states()).toEqual(['canceled', 'canceled', 'canceled', 'pending']);
    const [head] = await drain(store);
    expect(head).toMatchObject({ eventId: id, seq: '4', gap: 3 });
    expect(head!.body.toString()).toContain('case.erased');
  });

  test('that is taken in again does not cancel itself', async () => {
    const { store } = subject;
    const event = incomingEvent(erased('a', { id: randomUUID() }));
    await store.ingest(batchOf([partner], [{ ...event, offset: 0n }]));
    await store.ingest(batchOf([partner], [{ ...event, offset: 1n }]));
    expect(await drain(store)).toHaveLength(1);
  });

  test('forgets callback URLs of its key, and not those that others have been sent to', async () => {
    const { store, inspect } = subject;
    const partition = new Partition();
    const [own, shared] = [callback('https://one.test/a'), callback('https://one.test/shared')];
    const batch = partition.batch([{ callback: own }, { callback: shared }], { key: 'a' });
    batch.events[0]!.callbackUrl = 'sealed';
    await store.ingest(batch);
    await store.ingest(partition.batch([{ callback: shared }], { key: 'b' }));
    await drain(store);
    await store.ingest(partition.batch([], erased('a')));
    expect((await inspect.destinations()).map(({ callbackUrl }) => callbackUrl)).toEqual(
      expect.arrayContaining([null, shared.sealedUrl]),
    );
    expect((await inspect.events())[0]).toMatchObject({ callbackUrl: null, erased: true });
    // Given again with another event, it is called again.
    await store.ingest(partition.batch([{ callback: own }], { key: 'c' }));
    expect(await drain(store)).toMatchObject([{ callback: { sealedUrl: own.sealedUrl } }]);
  });
}
