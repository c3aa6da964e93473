import { randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import { drain } from '../drain.ts';
import { batchOf, callback, endpoint, incomingEvent, resultOf, Partition } from '../events.ts';
import type { LaneStoreFixture } from './lane-store.suite.ts';
import { replayOf } from './replays.suite.ts';

export function erasures(fixture: LaneStoreFixture): void {
  const partner = endpoint();
  const erased = (key: string, over = {}) => ({ type: 'case.erased', key, data: { key }, ...over });

  test.each(['case.erased', 'order.erased'])(
    'by %s cancels the open deliveries of its key and removes its stored data, and of no other key',
    async (type) => {
      const { store, inspect } = fixture;
      const partition = new Partition();
      await store.ingest(partition.batch([partner], { key: 'a' }, { key: 'b' }));
      await drain(store);
      await store.ingest(
        partition.batch([partner], { key: 'a', feature: 'extraction' }, { key: 'b' }),
      );
      await store.ingest(partition.batch([], erased('a', { type })));
      const deliveries = await inspect.deliveries();
      expect(deliveries.map(({ state, scrubbed }) => [state, scrubbed])).toEqual([
        ['delivered', true],
        ['delivered', false],
        ['canceled', true],
        ['pending', false],
      ]);
      const attempts = await inspect.attempts();
      const responseOf = (i: number) =>
        attempts.find(({ deliveryId }) => deliveryId === deliveries[i]!.id)!.responseBody;
      expect([responseOf(0), responseOf(1)]).toEqual([null, 'answered']);
      expect((await inspect.events()).map((event) => event.erased)).toEqual([
        true,
        false,
        true,
        false,
        false,
      ]);
    },
  );

  test('removes the responses of attempts, and the text of errors', async () => {
    const { store, inspect, leaseHolder } = fixture;
    const partition = new Partition();
    const error = 'ECONNRESET: by the host of Ada';
    for (const key of ['a', 'b']) {
      await store.ingest(partition.batch([partner], { key }));
      await store.recordResults(leaseHolder, [
        resultOf(await fixture.claimOne(), 'failed', { error, delayMs: 1e6 }),
      ]);
    }
    await store.ingest(partition.batch([], erased('a')));
    const attempts = await inspect.attempts();
    const [scrubbed, kept] = await inspect.deliveries();
    const attemptOf = (id: string) => attempts.find(({ deliveryId }) => deliveryId === id);
    expect(attemptOf(scrubbed!.id)).toMatchObject({
      status: 500,
      error: 'ECONNRESET',
      responseHeaders: null,
      responseBody: null,
    });
    expect(scrubbed).toMatchObject({ lastStatus: 500, lastError: 'ECONNRESET' });
    expect(attemptOf(kept!.id)).toMatchObject({
      error,
      responseHeaders: { server: 'some' },
      responseBody: 'answered',
    });
    expect(kept).toMatchObject({ lastError: error });
  });

  test('removes the request bodies of attempts, too', async () => {
    const { store, inspect, leaseHolder } = fixture;
    const partition = new Partition();
    await store.ingest(partition.batch([partner], { key: 'a' }));
    const own = { requestBody: Buffer.from('personal') };
    await store.recordResults(leaseHolder, [resultOf(await fixture.claimOne(), 'failed', own)]);
    await store.ingest(partition.batch([], erased('a')));
    expect(await inspect.attempts()).toMatchObject([{ requestBody: null, responseBody: null }]);
  });

  test('does not count a result in flight, and stores nothing of it', async () => {
    const { store, inspect, leaseHolder } = fixture;
    const partition = new Partition();
    await store.ingest(partition.batch([partner], { key: 'a' }));
    const head = await fixture.claimOne();
    await store.ingest(partition.batch([], erased('a')));
    expect((await store.recordResults(leaseHolder, [resultOf(head)])).counted).toBe(0);
    expect(await fixture.states()).toEqual(['canceled']);
    expect(await inspect.attempts()).toEqual([]);
  });

  test('includes unordered events', async () => {
    const { store } = fixture;
    const partition = new Partition();
    await store.ingest(
      partition.batch([partner], { key: 'a', eventType: { ordering: 'none' } }, { key: 'b' }),
    );
    await store.ingest(partition.batch([], erased('a')));
    expect(await fixture.states()).toEqual(['canceled', 'pending']);
  });

  test('includes blocked lanes and replays', async () => {
    const { store, inspect, leaseHolder } = fixture;
    const partition = new Partition();
    const batch = partition.batch([partner], { key: 'a' });
    await store.ingest(batch);
    await store.recordResults(leaseHolder, [resultOf(await fixture.claimOne(), 'blocked')]);
    const { id } = (await inspect.destinations())[0]!;
    await store.enqueueReplay('1', id, replayOf(batch));
    await store.ingest(partition.batch([], erased('a')));
    expect(await fixture.states()).toEqual(['canceled', 'canceled']);
    expect((await inspect.deliveries()).map(({ scrubbed }) => scrubbed)).toEqual([true, true]);
  });

  test('is itself delivered, and its gap is the number of canceled deliveries before it', async () => {
    const { store } = fixture;
    const team = endpoint();
    const id = randomUUID();
    await store.ingest(
      new Partition().batch([team], { key: 'a' }, { key: 'a' }, erased('a', { id }), { key: 'a' }),
    );
    expect(await fixture.states()).toEqual(['canceled', 'canceled', 'canceled', 'pending']);
    const [head] = await drain(store);
    expect(head).toMatchObject({ eventId: id, seq: '4', gap: 3 });
    expect(head!.body.toString()).toContain('case.erased');
  });

  test('that is ingested again does not cancel itself', async () => {
    const { store } = fixture;
    const event = incomingEvent(erased('a', { id: randomUUID() }));
    await store.ingest(batchOf([partner], [{ ...event, offset: 0n }]));
    await store.ingest(batchOf([partner], [{ ...event, offset: 1n }]));
    expect(await drain(store)).toHaveLength(1);
  });

  test('removes callback URLs of its key, and not those that events of other keys were sent to', async () => {
    const { store, inspect } = fixture;
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
    // Another event with the URL stores it again.
    await store.ingest(partition.batch([{ callback: own }], { key: 'c' }));
    expect(await drain(store)).toMatchObject([{ callback: { sealedUrl: own.sealedUrl } }]);
  });

  test.each(['casewire', 'cloudevents'] as const)(
    'removes the correlation id from events and from the headers of the dialect %s',
    async (dialect) => {
      const { store, inspect } = fixture;
      const partition = new Partition();
      const to = endpoint({ dialect });
      for (const key of ['a', 'b'])
        await store.ingest(partition.batch([to], { key, correlationId: `trace-of-${key}` }));
      await drain(store);
      await store.ingest(partition.batch([], erased('a')));
      expect((await inspect.events()).map(({ correlationId }) => correlationId)).toEqual([
        null,
        'trace-of-b',
        null,
      ]);
      const [scrubbed, kept] = (await inspect.deliveries()).map(({ headers }) => headers);
      expect(JSON.stringify(scrubbed)).not.toContain('trace-of');
      expect(scrubbed).toHaveProperty('content-type');
      expect(kept).toMatchObject({ 'x-correlation-id': 'trace-of-b' });
    },
  );
}
