import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { answered, DispatcherFixture, patience } from '../../../test/dispatcher-fixture.ts';
import { endpoint, namedId, Partition } from '../../../test/events.ts';
import { claimedHead } from '../../../test/scripted-store.ts';
import { leaseSeconds } from '../../model/lease.ts';
import { AttemptWriter } from './attempt-writer.ts';
import { Dispatcher, type DispatcherOptions } from './dispatcher.ts';
import type { SendResult } from './sender.ts';

let fixture: DispatcherFixture;
let store: DispatcherFixture['store'];
let log: DispatcherFixture['log'];
let sent: DispatcherFixture['sent'];
beforeEach(() => {
  fixture = new DispatcherFixture();
  ({ store, log, sent } = fixture);
});
afterEach(() => fixture.stop());

describe('slots', () => {
  test('are never exceeded, and are used again as soon as one is free', async () => {
    const answers: PromiseWithResolvers<SendResult>[] = [];
    fixture.respond = () => {
      const next = Promise.withResolvers<SendResult>();
      answers.push(next);
      return next.promise;
    };
    const heads = Array.from({ length: 6 }, (_, i) => claimedHead({ laneId: `${i}` }));
    store.due.push(...heads);
    fixture.start({ idleMs: 60_000 });
    await vi.waitFor(() => expect(answers).toHaveLength(4), patience);
    answers[2]!.resolve(answered(200));
    await vi.waitFor(() => expect(answers).toHaveLength(5), patience);
    expect(store.results.map(({ laneId }) => laneId)).toEqual(['2']);
    for (const one of answers) one.resolve(answered(200));
    await vi.waitFor(() => expect(answers).toHaveLength(6), patience);
    answers[5]!.resolve(answered(200));
    await fixture.untilRecorded(6);
    expect(Math.max(...store.claims)).toBe(4);
  });

  test('are reserved for ingests by claims: an eighth of them', async () => {
    store.due.push(...Array.from({ length: 20 }, (_, i) => claimedHead({ laneId: `${i}` })));
    const unanswered = Promise.withResolvers<SendResult>();
    fixture.respond = () => unanswered.promise;
    const one = fixture.start({ slots: 16, idleMs: 60_000 });
    await vi.waitFor(() => expect(sent).toHaveLength(14), patience);
    await one.ingest(new Partition().batch([endpoint()], {}, {}, {}));
    await vi.waitFor(() => expect(sent).toHaveLength(15), patience);
    unanswered.resolve(answered(200));
    await fixture.untilRecorded(20);
  });

  test('are free again after a send that throws', async () => {
    fixture.respond = async () => {
      throw new Error('broken');
    };
    const heads = Array.from({ length: 9 }, (_, i) => claimedHead({ laneId: `${i}` }));
    store.due.push(...heads);
    fixture.start();
    await vi.waitFor(() => expect(sent).toHaveLength(9), patience);
    expect(log.events.filter((event) => event === 'delivery.broken')).toHaveLength(9);
  });
});

describe('an ingested batch', () => {
  const batch = (events = 2) =>
    new Partition().batch([endpoint()], ...Array.from({ length: events }, () => ({})));

  test('is lent a slot for each of its deliveries, at most half of the free ones, and its claimed heads are sent at once', async () => {
    const answers: PromiseWithResolvers<SendResult>[] = [];
    fixture.respond = () => {
      const next = Promise.withResolvers<SendResult>();
      answers.push(next);
      return next.promise;
    };
    const one = fixture.start({ slots: 5, idleMs: 60_000 });
    await vi.waitFor(() => expect(store.claims).toHaveLength(1), patience);
    await new Promise(setImmediate);
    store.due.push(...Array.from({ length: 3 }, (_, i) => claimedHead({ laneId: `${i}` })));
    const ingested = await one.ingest(batch(3));
    expect(ingested).toEqual({ events: 3, deliveries: 3, skipped: 0, heads: [] });
    expect(store.offers).toEqual([{ leaseHolder: namedId('leaseHolder'), slots: 3 }]);
    await vi.waitFor(() => expect(answers).toHaveLength(3), patience);
    await one.ingest(batch());
    // Two slots are free: half of them is one.
    expect(store.offers[1]).toMatchObject({ slots: 1 });
    for (const { resolve } of answers) resolve(answered(200));
    await fixture.untilRecorded(3);
    await one.ingest(batch(1));
    expect(store.offers[2]).toMatchObject({ slots: 1 });
  });

  test('together with claims never uses more slots than there are', async () => {
    const answers: PromiseWithResolvers<SendResult>[] = [];
    let most = 0;
    fixture.respond = async () => {
      const next = Promise.withResolvers<SendResult>();
      answers.push(next);
      most = Math.max(most, answers.length);
      return next.promise;
    };
    store.due.push(...Array.from({ length: 60 }, (_, i) => claimedHead({ laneId: `${i}` })));
    const one = fixture.start({ slots: 6 });
    while (store.results.length < 60) {
      await Promise.all([one.ingest(batch()), one.ingest(batch())]);
      answers.splice(0, 2).forEach(({ resolve }) => resolve(answered(200)));
      await new Promise(setImmediate);
    }
    expect(most).toBeLessThanOrEqual(6);
    expect(sent).toHaveLength(60);
  });

  test('that fails releases its slots', async () => {
    const one = fixture.start({ slots: 4, idleMs: 60_000 });
    await vi.waitFor(() => expect(store.claims).toHaveLength(1), patience);
    store.beforeIngest = () => {
      throw new Error('no database');
    };
    await expect(one.ingest(batch())).rejects.toThrow('no database');
    one.wake();
    await vi.waitFor(() => expect(store.claims).toEqual([4, 4]), patience);
  });

  test('after a stop is lent nothing, and heads that were claimed for it meanwhile are released', async () => {
    const one = fixture.start({ idleMs: 60_000 });
    await vi.waitFor(() => expect(store.claims).toHaveLength(1), patience);
    await new Promise(setImmediate);
    const transaction = Promise.withResolvers<void>();
    store.beforeIngest = () => transaction.promise;
    const ingesting = one.ingest(batch());
    await one.stop();
    store.due.push(claimedHead({ laneId: '7' }));
    transaction.resolve();
    await ingesting;
    expect([sent, store.released]).toEqual([[], ['7']]);
    await one.ingest(batch());
    expect(store.offers.map((offer) => offer?.slots)).toEqual([2, undefined]);
  });

  test('that took so long that a lease may end too early has its head released', async () => {
    const one = fixture.start({ idleMs: 60_000 });
    await vi.waitFor(() => expect(store.claims).toHaveLength(1), patience);
    await new Promise(setImmediate);
    store.beforeIngest = () => {
      fixture.monotonicMs += (leaseSeconds - 15 - 5) * 1000 + 1;
    };
    store.due.push(claimedHead({ laneId: '7' }));
    await one.ingest(batch());
    await vi.waitFor(() => expect(store.released).toEqual(['7']), patience);
    expect(sent).toEqual([]);
  });
});

test('a due head is claimed when the dispatcher is woken, without waiting for the next poll', async () => {
  const one = fixture.start({ idleMs: 60_000 });
  await vi.waitFor(() => expect(store.claims).toHaveLength(1), patience);
  store.due.push(claimedHead());
  one.wake();
  await fixture.untilRecorded();
});

test('after a result without a due lane there is no claim', async () => {
  const one = fixture.start({ idleMs: 60_000 });
  await vi.waitFor(() => expect(store.claims).toHaveLength(1), patience);
  await new Promise(setImmediate);
  store.due.push(claimedHead());
  await one.ingest(new Partition().batch([endpoint()], {}));
  await fixture.untilRecorded();
  await one.stop();
  expect(store.claims).toHaveLength(1);
});

test('after a result with a due lane there is a claim', async () => {
  const one = fixture.start({ idleMs: 60_000 });
  await vi.waitFor(() => expect(store.claims).toHaveLength(1), patience);
  await new Promise(setImmediate);
  store.due.push(claimedHead({ laneId: '1' }));
  store.beforeRecord = () => void store.due.push(...second.splice(0));
  const second = [claimedHead({ laneId: '1', seq: '2' })];
  await one.ingest(new Partition().batch([endpoint()], {}));
  await fixture.untilRecorded(2);
});

test('a head that becomes due without a wake is found at the next poll', async () => {
  fixture.start({ idleMs: 20 });
  await vi.waitFor(() => expect(store.claims.length).toBeGreaterThan(0), patience);
  store.due.push(claimedHead());
  await fixture.untilRecorded();
});

test('failed claims are repeated at increasing intervals, and claims continue after a success', async () => {
  let failures = 0;
  store.beforeClaim = () => {
    if (++failures <= 4) throw new Error('no database');
  };
  store.due.push(claimedHead());
  const began = performance.now();
  fixture.start({ idleMs: 10 });
  await fixture.untilRecorded();
  expect(log.events.filter((event) => event === 'claim.failed')).toHaveLength(4);
  expect(performance.now() - began).toBeGreaterThan(20 + 40 + 80 + 160 - 20);
});

describe('stop', () => {
  test('waits for attempts in flight, and claims nothing more', async () => {
    const slow = Promise.withResolvers<SendResult>();
    fixture.respond = () => slow.promise;
    store.due.push(claimedHead());
    const one = fixture.start();
    await vi.waitFor(() => expect(sent).toHaveLength(1), patience);
    let stopped = false;
    const stopping = one.stop().then(() => (stopped = true));
    store.due.push(claimedHead({ laneId: '2' }));
    const claims = store.claims.length;
    await new Promise(setImmediate);
    expect(stopped).toBe(false);
    slow.resolve(answered(200));
    await stopping;
    expect(store.results).toHaveLength(1);
    expect(store.claims.length - claims).toBeLessThanOrEqual(1);
    expect(store.due).toHaveLength(1);
  });

  test('releases the heads of a claim that was running: no lane stays leased', async () => {
    const claiming = Promise.withResolvers<void>();
    store.beforeClaim = () => claiming.promise;
    store.due.push(claimedHead({ laneId: '7' }), claimedHead({ laneId: '8' }));
    const stopping = fixture.start().stop();
    claiming.resolve();
    await stopping;
    expect([sent, store.released]).toEqual([[], ['7', '8']]);
  });

  test('of a dispatcher that was never started resolves', async () => {
    const idle = new Dispatcher({
      ...({} as DispatcherOptions),
      slots: 1,
      attemptWriter: new AttemptWriter(store, namedId('leaseHolder'), log),
    });
    await expect(idle.stop()).resolves.toBeUndefined();
  });
});
