import { standardSchedule, verify } from '@casewire/webhooks';
import { Agent } from 'undici';
import { afterAll, afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { leaseSeconds } from '../lanes/lane-store.ts';
import { endpoint, namedId, Partition } from '../testing/events.ts';
import { claimedHead, KeptLog, ScriptedLanes } from '../testing/scripted-lanes.ts';
import type { Target } from './attempt-request.ts';
import type { FailurePolicy } from './attempt.ts';
import { Dispatcher, type DispatcherOptions } from './dispatcher.ts';
import { OutcomeWriter } from './outcome-writer.ts';
import type { Answer, OutgoingRequest } from './sender.ts';

/** However busy the machine is. */
const patience = { timeout: 20_000 };

const http = new Agent();
afterAll(() => http.close());
const secret = Buffer.alloc(32, 7);
const answered = (status: number): Answer => ({
  status,
  headers: { server: 'some' },
  body: Buffer.from('said'),
  error: null,
});

let lanes: ScriptedLanes;
let log: KeptLog;
let sent: OutgoingRequest[];
let answer: (request: OutgoingRequest) => Promise<Answer>;
let time: number;
let running: Dispatcher[];
let target: Target;
let policy: FailurePolicy;
beforeEach(() => {
  target = { url: 'https://receiver.test/', secrets: [secret], token: null, headers: {}, http };
  policy = { delays: null, onExhausted: 'skip' };
  [lanes, log, sent, running, time] = [new ScriptedLanes(), new KeptLog(), [], [], 0];
  answer = async () => answered(200);
});
afterEach(() => Promise.all(running.map((one) => one.stop())));

const dispatcher = (over: Partial<DispatcherOptions> = {}) => {
  const made = new Dispatcher({
    owner: namedId('owner'),
    slots: 4,
    lanes,
    outcomes: new OutcomeWriter(lanes, namedId('owner'), log, () => time),
    targetOf: () => target,
    policyOf: () => policy,
    send: (request) => {
      sent.push(request);
      return answer(request);
    },
    now: () => new Date('2026-01-22T10:30:00Z'),
    monotonic: () => time,
    random: () => 0.5,
    timeFactor: 1,
    logger: log,
    idleMs: 10,
    ...over,
  });
  running.push(made);
  made.start();
  return made;
};
const outcomes = (n = 1) => vi.waitFor(() => expect(lanes.outcomes).toHaveLength(n), patience);

describe('a head is delivered', () => {
  test('with the stored bytes and headers, signed, with its place in its lane', async () => {
    const previousId = namedId('previous');
    lanes.due.push(claimedHead({ seq: '4', previousId, body: Buffer.from('{"said":"ñ"}') }));
    dispatcher();
    await outcomes();
    const [{ url, headers, body, timeoutMs } = expect.fail()] = sent;
    expect({ url, timeoutMs }).toEqual({ url: 'https://receiver.test/', timeoutMs: 15_000 });
    const now = new Date('2026-01-22T10:30:00Z');
    expect(verify(body, headers, [secret], { now: () => now })).toMatchObject({
      sequence: { number: 4, previousId },
    });
    expect(lanes.outcomes[0]).toMatchObject({
      verdict: 'delivered',
      status: 200,
      error: null,
      requestBody: null,
      sent: true,
    });
    // What is stored of the attempt stands beside the delivery's own headers.
    expect({ ...claimedHead().headers, ...lanes.outcomes[0]?.requestHeaders }).toEqual(headers);
  });

  test.each([200, 201, 202, 204, 226, 299])('TE-25 by an answer of %s', async (status) => {
    answer = async () => answered(status);
    lanes.due.push(claimedHead());
    dispatcher();
    await outcomes();
    expect(lanes.outcomes[0]?.verdict).toBe('delivered');
  });

  test.each([199, 301, 302, 304, 400, 401, 404, 410, 429, 500, 503])(
    'TE-25 not by an answer of %s',
    async (status) => {
      answer = async () => answered(status);
      lanes.due.push(claimedHead());
      dispatcher();
      await outcomes();
      expect(lanes.outcomes[0]).toMatchObject({ verdict: 'failed', error: `HTTP_${status}` });
    },
  );
});

describe('a failed attempt', () => {
  const failedBy = async (attempt: number, over: Partial<DispatcherOptions> = {}) => {
    answer = async () => ({ status: null, headers: null, body: null, error: 'ECONNRESET: gone' });
    lanes.due.push(claimedHead({ attempt }));
    dispatcher(over);
    await outcomes();
    return lanes.outcomes[0]!;
  };

  test.each(standardSchedule.delays.map((delay, i) => [i + 1, delay]))(
    'number %i is followed by the next after %i ms',
    async (attempt, delayMs) => {
      expect(await failedBy(attempt)).toMatchObject({ verdict: 'failed', delayMs, attempt });
    },
  );

  test('beyond the schedule is the last', async () => {
    expect(await failedBy(10)).toMatchObject({ verdict: 'exhausted', error: 'ECONNRESET: gone' });
  });

  test('is followed a tenth sooner or later, by chance', async () => {
    expect(await failedBy(1, { random: () => 0 })).toMatchObject({ delayMs: 4500 });
    lanes.outcomes.length = 0;
    expect(await failedBy(1, { random: () => 0.999999 })).toMatchObject({ delayMs: 5500 });
  });

  test('is followed sooner where time runs faster', async () => {
    expect(await failedBy(2, { timeFactor: 0.001 })).toMatchObject({ delayMs: 300 });
  });
});

describe('nothing is sent', () => {
  test('when the lease could end before the answer is on record: the head is given back', async () => {
    lanes.beforeClaim = () => {
      // The claim itself took so long.
      time += (leaseSeconds - 15 - 5) * 1000 + 1;
    };
    lanes.due.push(claimedHead({ laneId: '7' }));
    dispatcher();
    await vi.waitFor(() => expect(lanes.released).toEqual(['7']), patience);
    expect([sent, lanes.outcomes]).toEqual([[], []]);
    expect(log.events).toContain('delivery.lease-too-short');
  });

  test('but it is where the lease is just long enough', async () => {
    lanes.beforeClaim = () => {
      if (lanes.due.length > 0) time += (leaseSeconds - 15 - 5) * 1000;
    };
    lanes.due.push(claimedHead());
    dispatcher();
    await outcomes();
    expect(sent).toHaveLength(1);
  });

  test('for an attempt that is not in the schedule any more: outcomes were lost, the delivery is given up', async () => {
    lanes.due.push(claimedHead({ attempt: 11 }));
    dispatcher();
    await outcomes();
    expect(sent).toEqual([]);
    expect(lanes.outcomes[0]).toMatchObject({
      verdict: 'exhausted',
      error: expect.stringContaining('ATTEMPTS_EXHAUSTED') as string,
    });
  });

  test('to an endpoint of which nothing is known: it is tried again by the schedule', async () => {
    lanes.due.push(claimedHead());
    dispatcher({ targetOf: () => undefined });
    await outcomes();
    expect(sent).toEqual([]);
    expect(lanes.outcomes[0]).toMatchObject({ verdict: 'failed', delayMs: 5000 });
  });

  test('where the request cannot be made: it is tried again by the schedule, and says so', async () => {
    lanes.due.push(claimedHead());
    const targetOf = () => {
      throw new Error('the seal is broken');
    };
    dispatcher({ targetOf });
    await outcomes();
    expect(lanes.outcomes[0]).toMatchObject({
      verdict: 'failed',
      error: expect.stringContaining('NOT_SENDABLE') as string,
    });
    expect(JSON.stringify(lanes.outcomes)).not.toContain('seal');
    expect(log.events).toContain('delivery.not-sendable');
  });
});

describe('slots', () => {
  test('are never exceeded, and are used again as soon as one is free', async () => {
    const answers: PromiseWithResolvers<Answer>[] = [];
    answer = () => {
      const next = Promise.withResolvers<Answer>();
      answers.push(next);
      return next.promise;
    };
    const heads = Array.from({ length: 6 }, (_, i) => claimedHead({ laneId: `${i}` }));
    lanes.due.push(...heads);
    dispatcher({ idleMs: 60_000 });
    await vi.waitFor(() => expect(answers).toHaveLength(4), patience);
    answers[2]!.resolve(answered(200));
    await vi.waitFor(() => expect(answers).toHaveLength(5), patience);
    expect(lanes.outcomes.map(({ laneId }) => laneId)).toEqual(['2']);
    for (const one of answers) one.resolve(answered(200));
    await vi.waitFor(() => expect(answers).toHaveLength(6), patience);
    answers[5]!.resolve(answered(200));
    await outcomes(6);
    expect(Math.max(...lanes.claims)).toBe(4);
  });

  test('are left by claims to what is taken in meanwhile: an eighth, where there are as many', async () => {
    lanes.due.push(...Array.from({ length: 20 }, (_, i) => claimedHead({ laneId: `${i}` })));
    const unanswered = Promise.withResolvers<Answer>();
    answer = () => unanswered.promise;
    const one = dispatcher({ slots: 16, idleMs: 60_000 });
    await vi.waitFor(() => expect(sent).toHaveLength(14), patience);
    await one.ingest(new Partition().batch([endpoint()], {}, {}, {}));
    await vi.waitFor(() => expect(sent).toHaveLength(15), patience);
    unanswered.resolve(answered(200));
    await outcomes(20);
  });

  test('are given back by a send that breaks', async () => {
    answer = async () => {
      throw new Error('broken');
    };
    const heads = Array.from({ length: 9 }, (_, i) => claimedHead({ laneId: `${i}` }));
    lanes.due.push(...heads);
    dispatcher();
    await vi.waitFor(() => expect(sent).toHaveLength(9), patience);
    expect(log.events.filter((event) => event === 'delivery.broken')).toHaveLength(9);
  });
});

describe('a batch that is taken in', () => {
  const batch = (events = 2) =>
    new Partition().batch([endpoint()], ...Array.from({ length: events }, () => ({})));

  test('is offered a slot for each of its deliveries, of the free ones half, and what is claimed along with it is sent at once', async () => {
    const answers: PromiseWithResolvers<Answer>[] = [];
    answer = () => {
      const next = Promise.withResolvers<Answer>();
      answers.push(next);
      return next.promise;
    };
    const one = dispatcher({ slots: 5, idleMs: 60_000 });
    await vi.waitFor(() => expect(lanes.claims).toHaveLength(1), patience);
    await new Promise(setImmediate);
    lanes.due.push(...Array.from({ length: 3 }, (_, i) => claimedHead({ laneId: `${i}` })));
    const taken = await one.ingest(batch(3));
    expect(taken).toEqual({ events: 3, deliveries: 3, skipped: 0, heads: [] });
    expect(lanes.offers).toEqual([{ owner: namedId('owner'), slots: 3 }]);
    await vi.waitFor(() => expect(answers).toHaveLength(3), patience);
    await one.ingest(batch());
    // Two slots are free: of these half is one.
    expect(lanes.offers[1]).toMatchObject({ slots: 1 });
    for (const { resolve } of answers) resolve(answered(200));
    await outcomes(3);
    await one.ingest(batch(1));
    expect(lanes.offers[2]).toMatchObject({ slots: 1 });
  });

  test('together with claims never takes more than there are slots', async () => {
    const answers: PromiseWithResolvers<Answer>[] = [];
    let most = 0;
    answer = async () => {
      const next = Promise.withResolvers<Answer>();
      answers.push(next);
      most = Math.max(most, answers.length);
      return next.promise;
    };
    lanes.due.push(...Array.from({ length: 60 }, (_, i) => claimedHead({ laneId: `${i}` })));
    const one = dispatcher({ slots: 6 });
    while (lanes.outcomes.length < 60) {
      await Promise.all([one.ingest(batch()), one.ingest(batch())]);
      answers.splice(0, 2).forEach(({ resolve }) => resolve(answered(200)));
      await new Promise(setImmediate);
    }
    expect(most).toBeLessThanOrEqual(6);
    expect(sent).toHaveLength(60);
  });

  test('that fails gives its slots back', async () => {
    const one = dispatcher({ slots: 4, idleMs: 60_000 });
    await vi.waitFor(() => expect(lanes.claims).toHaveLength(1), patience);
    lanes.beforeIngest = () => {
      throw new Error('no database');
    };
    await expect(one.ingest(batch())).rejects.toThrow('no database');
    one.wake();
    await vi.waitFor(() => expect(lanes.claims).toEqual([4, 4]), patience);
  });

  test('after a stop is offered nothing, and what was claimed for it meanwhile is given back', async () => {
    const one = dispatcher({ idleMs: 60_000 });
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
    const one = dispatcher({ idleMs: 60_000 });
    await vi.waitFor(() => expect(lanes.claims).toHaveLength(1), patience);
    await new Promise(setImmediate);
    lanes.beforeIngest = () => {
      time += (leaseSeconds - 15 - 5) * 1000 + 1;
    };
    lanes.due.push(claimedHead({ laneId: '7' }));
    await one.ingest(batch());
    await vi.waitFor(() => expect(lanes.released).toEqual(['7']), patience);
    expect(sent).toEqual([]);
  });
});

test('what becomes due is claimed when the dispatcher is woken, without waiting for the next look', async () => {
  const one = dispatcher({ idleMs: 60_000 });
  await vi.waitFor(() => expect(lanes.claims).toHaveLength(1), patience);
  lanes.due.push(claimedHead());
  one.wake();
  await outcomes();
});

test('after an outcome behind which nothing is due nothing is claimed', async () => {
  const one = dispatcher({ idleMs: 60_000 });
  await vi.waitFor(() => expect(lanes.claims).toHaveLength(1), patience);
  await new Promise(setImmediate);
  lanes.due.push(claimedHead());
  await one.ingest(new Partition().batch([endpoint()], {}));
  await outcomes();
  await one.stop();
  expect(lanes.claims).toHaveLength(1);
});

test('after an outcome behind which something is due that is claimed', async () => {
  const one = dispatcher({ idleMs: 60_000 });
  await vi.waitFor(() => expect(lanes.claims).toHaveLength(1), patience);
  await new Promise(setImmediate);
  lanes.due.push(claimedHead({ laneId: '1' }));
  lanes.beforeFinish = () => void lanes.due.push(...second.splice(0));
  const second = [claimedHead({ laneId: '1', seq: '2' })];
  await one.ingest(new Partition().batch([endpoint()], {}));
  await outcomes(2);
});

test('what becomes due unseen is found at the next look', async () => {
  dispatcher({ idleMs: 20 });
  await vi.waitFor(() => expect(lanes.claims.length).toBeGreaterThan(0), patience);
  lanes.due.push(claimedHead());
  await outcomes();
});

test('while nothing can be claimed it is tried less and less often, and goes on when it can be again', async () => {
  let failures = 0;
  lanes.beforeClaim = () => {
    if (++failures <= 4) throw new Error('no database');
  };
  lanes.due.push(claimedHead());
  const began = performance.now();
  dispatcher({ idleMs: 10 });
  await outcomes();
  expect(log.events.filter((event) => event === 'claim.failed')).toHaveLength(4);
  expect(performance.now() - began).toBeGreaterThan(20 + 40 + 80 + 160 - 20);
});

describe('stop', () => {
  test('waits for what is under way, and claims nothing more', async () => {
    const slow = Promise.withResolvers<Answer>();
    answer = () => slow.promise;
    lanes.due.push(claimedHead());
    const one = dispatcher();
    await vi.waitFor(() => expect(sent).toHaveLength(1), patience);
    let stopped = false;
    const stopping = one.stop().then(() => (stopped = true));
    lanes.due.push(claimedHead({ laneId: '2' }));
    const claims = lanes.claims.length;
    await new Promise(setImmediate);
    expect(stopped).toBe(false);
    slow.resolve(answered(200));
    await stopping;
    expect(lanes.outcomes).toHaveLength(1);
    expect(lanes.claims.length - claims).toBeLessThanOrEqual(1);
    expect(lanes.due).toHaveLength(1);
  });

  test('gives back what a claim brings that was under way: nothing stays leased', async () => {
    const claiming = Promise.withResolvers<void>();
    lanes.beforeClaim = () => claiming.promise;
    lanes.due.push(claimedHead({ laneId: '7' }), claimedHead({ laneId: '8' }));
    const stopping = dispatcher().stop();
    claiming.resolve();
    await stopping;
    expect([sent, lanes.released]).toEqual([[], ['7', '8']]);
  });

  test('of one that was never started ends', async () => {
    const idle = new Dispatcher({
      ...({} as DispatcherOptions),
      slots: 1,
      outcomes: new OutcomeWriter(lanes, namedId('owner'), log),
    });
    await expect(idle.stop()).resolves.toBeUndefined();
  });
});
