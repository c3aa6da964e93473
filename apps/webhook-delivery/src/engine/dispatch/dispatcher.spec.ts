import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { answered, DispatcherFixture, patience } from '../../../test/dispatcher-fixture.ts';
import { endpoint, namedId, Partition } from '../../../test/events.ts';
import { claimedHead } from '../../../test/scripted-store.ts';
import { leaseSeconds } from '../../model/lease.ts';
import { AttemptWriter } from './attempt-writer.ts';
import { Dispatcher, type DispatcherOptions } from './dispatcher.ts';
import type { SendResult } from './sender.ts';

let it: DispatcherFixture;
let lanes: DispatcherFixture['store'];
let log: DispatcherFixture['log'];
let sent: DispatcherFixture['sent'];
beforeEach(() => {
  it = new DispatcherFixture();
  ({ store: lanes, log, sent } = it);
});
afterEach(() => it.stop());

describe('slots', () => {
  test('are never exceeded, and are used again as soon as one is free', async () => {
    const answers: PromiseWithResolvers<SendResult>[] = [];
    it.respond = () => {
      const next = Promise.withResolvers<SendResult>();
      answers.push(next);
      return next.promise;
    };
    const heads = Array.from({ length: 6 }, (_, i) => claimedHead({ laneId: `${i}` }));
    lanes.due.push(...heads);
    it.start({ idleMs: 60_000 });
    await vi.waitFor(() => expect(answers).toHaveLength(4), patience);
    answers[2]!.resolve(answered(200));
    await vi.waitFor(() => expect(answers).toHaveLength(5), patience);
    expect(lanes.results.map(({ laneId }) => laneId)).toEqual(['2']);
    for (const one of answers) one.resolve(answered(200));
    await vi.waitFor(() => expect(answers).toHaveLength(6), patience);
    answers[5]!.resolve(answered(200));
    await it.untilRecorded(6);
    expect(Math.max(...lanes.claims)).toBe(4);
  });

  test('are left by claims to what is taken in meanwhile: an eighth, where there are as many', async () => {
    lanes.due.push(...Array.from({ length: 20 }, (_, i) => claimedHead({ laneId: `${i}` })));
    const unanswered = Promise.withResolvers<SendResult>();
    it.respond = () => unanswered.promise;
    const one = it.start({ slots: 16, idleMs: 60_000 });
    await vi.waitFor(() => expect(sent).toHaveLength(14), patience);
    await one.ingest(new Partition().batch([endpoint()], {}, {}, {}));
    await vi.waitFor(() => expect(sent).toHaveLength(15), patience);
    unanswered.resolve(answered(200));
    await it.untilRecorded(20);
  });

  test('are given back by a send that breaks', async () => {
    it.respond = async () => {
      throw new Error('broken');
    };
    const heads = Array.from({ length: 9 }, (_, i) => claimedHead({ laneId: `${i}` }));
    lanes.due.push(...heads);
    it.start();
    await vi.waitFor(() => expect(sent).toHaveLength(9), patience);
    expect(log.events.filter((event) => event === 'delivery.broken')).toHaveLength(9);
  });
});

describe('a batch that is taken in', () => {
  const batch = (events = 2) =>
    new Partition().batch([endpoint()], ...Array.from({ length: events }, () => ({})));

  test('is offered a slot for each of its deliveries, of the free ones half, and what is claimed along with it is sent at once', async () => {
    const answers: PromiseWithResolvers<SendResult>[] = [];
    it.respond = () => {
      const next = Promise.withResolvers<SendResult>();
      answers.push(next);
      return next.promise;
    };
    const one = it.start({ slots: 5, idleMs: 60_000 });
    await vi.waitFor(() => expect(lanes.claims).toHaveLength(1), patience);
    await new Promise(setImmediate);
    lanes.due.push(...Array.from({ length: 3 }, (_, i) => claimedHead({ laneId: `${i}` })));
    const taken = await one.ingest(batch(3));
    expect(taken).toEqual({ events: 3, deliveries: 3, skipped: 0, heads: [] });
    expect(lanes.offers).toEqual([{ leaseHolder: namedId('leaseHolder'), slots: 3 }]);
    await vi.waitFor(() => expect(answers).toHaveLength(3), patience);
    await one.ingest(batch());
    // Two slots are free: of these half is one.
    expect(lanes.offers[1]).toMatchObject({ slots: 1 });
    for (const { resolve } of answers) resolve(answered(200));
    await it.untilRecorded(3);
    await one.ingest(batch(1));
    expect(lanes.offers[2]).toMatchObject({ slots: 1 });
  });

  test('together with claims never takes more than there are slots', async () => {
    const answers: PromiseWithResolvers<SendResult>[] = [];
    let most = 0;
    it.respond = async () => {
      const next = Promise.withResolvers<SendResult>();
      answers.push(next);
      most = Math.max(most, answers.length);
      return next.promise;
    };
    lanes.due.push(...Array.from({ length: 60 }, (_, i) => claimedHead({ laneId: `${i}` })));
    const one = it.start({ slots: 6 });
    while (lanes.results.length < 60) {
      await Promise.all([one.ingest(batch()), one.ingest(batch())]);
      answers.splice(0, 2).forEach(({ resolve }) => resolve(answered(200)));
      await new Promise(setImmediate);
    }
    expect(most).toBeLessThanOrEqual(6);
    expect(sent).toHaveLength(60);
  });

  test('that fails gives its slots back', async () => {
    const one = it.start({ slots: 4, idleMs: 60_000 });
    await vi.waitFor(() => expect(lanes.claims).toHaveLength(1), patience);
    lanes.beforeIngest = () => {
      throw new Error('no database');
    };
    await expect(one.ingest(batch())).rejects.toThrow('no database');
    one.wake();
    await vi.waitFor(() => expect(lanes.claims).toEqual([4, 4]), patience);
  });

  test('after a stop is offered nothing, and what was claimed for it meanwhile is given back', async () => {
    const one = it.start({ idleMs: 60_000 });
    await vi.waitFor(() => expect(lanes.claims).toHaveLength(1), patience);
    await new Promise(setImmediate);
    const taking = Promise.withResolvers<void>();
    lanes.beforeIngest = () => taking.promise;
    const ingesting = one.ingest(batch());
    await one.stop();
    lanes.due.push(claimedHead({ laneId: '7' }));
    taking.resolve();
    await ingesting;
    expect([sent, lanes.released]).toEqual([[], ['7']]);
    await one.ingest(batch());
    expect(lanes.offers.map((offer) => offer?.slots)).toEqual([2, undefined]);
  });

  test('that took so long that a lease may end too soon has its head given back', async () => {
    const one = it.start({ idleMs: 60_000 });
    await vi.waitFor(() => expect(lanes.claims).toHaveLength(1), patience);
    await new Promise(setImmediate);
    lanes.beforeIngest = () => {
      it.monotonicMs += (leaseSeconds - 15 - 5) * 1000 + 1;
    };
    lanes.due.push(claimedHead({ laneId: '7' }));
    await one.ingest(batch());
    await vi.waitFor(() => expect(lanes.released).toEqual(['7']), patience);
    expect(sent).toEqual([]);
  });
});

test('what becomes due is claimed when the dispatcher is woken, without waiting for the next look', async () => {
  const one = it.start({ idleMs: 60_000 });
  await vi.waitFor(() => expect(lanes.claims).toHaveLength(1), patience);
  lanes.due.push(claimedHead());
  one.wake();
  await it.untilRecorded();
});

test('after an outcome behind which nothing is due nothing is claimed', async () => {
  const one = it.start({ idleMs: 60_000 });
  await vi.waitFor(() => expect(lanes.claims).toHaveLength(1), patience);
  await new Promise(setImmediate);
  lanes.due.push(claimedHead());
  await one.ingest(new Partition().batch([endpoint()], {}));
  await it.untilRecorded();
  await one.stop();
  expect(lanes.claims).toHaveLength(1);
});

test('after an outcome behind which something is due that is claimed', async () => {
  const one = it.start({ idleMs: 60_000 });
  await vi.waitFor(() => expect(lanes.claims).toHaveLength(1), patience);
  await new Promise(setImmediate);
  lanes.due.push(claimedHead({ laneId: '1' }));
  lanes.beforeFinish = () => void lanes.due.push(...second.splice(0));
  const second = [claimedHead({ laneId: '1', seq: '2' })];
  await one.ingest(new Partition().batch([endpoint()], {}));
  await it.untilRecorded(2);
});

test('what becomes due unseen is found at the next look', async () => {
  it.start({ idleMs: 20 });
  await vi.waitFor(() => expect(lanes.claims.length).toBeGreaterThan(0), patience);
  lanes.due.push(claimedHead());
  await it.untilRecorded();
});

test('while nothing can be claimed it is tried less and less often, and goes on when it can be again', async () => {
  let failures = 0;
  lanes.beforeClaim = () => {
    if (++failures <= 4) throw new Error('no database');
  };
  lanes.due.push(claimedHead());
  const began = performance.now();
  it.start({ idleMs: 10 });
  await it.untilRecorded();
  expect(log.events.filter((event) => event === 'claim.failed')).toHaveLength(4);
  expect(performance.now() - began).toBeGreaterThan(20 + 40 + 80 + 160 - 20);
});

describe('stop', () => {
  test('waits for what is under way, and claims nothing more', async () => {
    const slow = Promise.withResolvers<SendResult>();
    it.respond = () => slow.promise;
    lanes.due.push(claimedHead());
    const one = it.start();
    await vi.waitFor(() => expect(sent).toHaveLength(1), patience);
    let stopped = false;
    const stopping = one.stop().then(() => (stopped = true));
    lanes.due.push(claimedHead({ laneId: '2' }));
    const claims = lanes.claims.length;
    await new Promise(setImmediate);
    expect(stopped).toBe(false);
    slow.resolve(answered(200));
    await stopping;
    expect(lanes.results).toHaveLength(1);
    expect(lanes.claims.length - claims).toBeLessThanOrEqual(1);
    expect(lanes.due).toHaveLength(1);
  });

  test('gives back what a claim brings that was under way: nothing stays leased', async () => {
    const claiming = Promise.withResolvers<void>();
    lanes.beforeClaim = () => claiming.promise;
    lanes.due.push(claimedHead({ laneId: '7' }), claimedHead({ laneId: '8' }));
    const stopping = it.start().stop();
    claiming.resolve();
    await stopping;
    expect([sent, lanes.released]).toEqual([[], ['7', '8']]);
  });

  test('of one that was never started ends', async () => {
    const idle = new Dispatcher({
      ...({} as DispatcherOptions),
      slots: 1,
      attemptWriter: new AttemptWriter(lanes, namedId('leaseHolder'), log),
    });
    await expect(idle.stop()).resolves.toBeUndefined();
  });
});
