import { standardSchedule, verify } from '@casewire/webhooks';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { answered, DispatcherFixture, patience, secret } from '../../../test/dispatcher-fixture.ts';
import { namedId } from '../../../test/events.ts';
import { claimedHead } from '../../../test/scripted-store.ts';
import { leaseSeconds } from '../../model/lease.ts';
import type { DispatcherOptions } from './dispatcher.ts';

let it: DispatcherFixture;
let lanes: DispatcherFixture['store'];
let log: DispatcherFixture['log'];
let sent: DispatcherFixture['sent'];
beforeEach(() => {
  it = new DispatcherFixture();
  ({ store: lanes, log, sent } = it);
});
afterEach(() => it.stop());

describe('a head is delivered', () => {
  test('with the stored bytes and headers, signed, with its place in its lane', async () => {
    const previousId = namedId('previous');
    lanes.due.push(claimedHead({ seq: '4', previousId, body: Buffer.from('{"said":"ñ"}') }));
    it.start();
    await it.untilRecorded();
    const [{ url, headers, body, timeoutMs } = expect.fail()] = sent;
    expect({ url, timeoutMs }).toEqual({ url: 'https://receiver.test/', timeoutMs: 15_000 });
    const now = new Date('2026-01-22T10:30:00Z');
    expect(verify(body, headers, [secret], { now: () => now })).toMatchObject({
      sequence: { number: 4, previousId },
    });
    expect(lanes.results[0]).toMatchObject({
      outcome: 'delivered',
      status: 200,
      error: null,
      requestBody: null,
      sent: true,
    });
    // What is stored of the attempt stands beside the delivery's own headers.
    expect({ ...claimedHead().headers, ...lanes.results[0]?.requestHeaders }).toEqual(headers);
  });

  test.each([200, 201, 202, 204, 226, 299])('TE-25 by an answer of %s', async (status) => {
    it.respond = async () => answered(status);
    lanes.due.push(claimedHead());
    it.start();
    await it.untilRecorded();
    expect(lanes.results[0]?.outcome).toBe('delivered');
  });

  test.each([199, 301, 302, 304, 400, 401, 404, 410, 429, 500, 503])(
    'TE-25 not by an answer of %s',
    async (status) => {
      it.respond = async () => answered(status);
      lanes.due.push(claimedHead());
      it.start();
      await it.untilRecorded();
      expect(lanes.results[0]).toMatchObject({ outcome: 'failed', error: `HTTP_${status}` });
    },
  );
});

describe('a failed attempt', () => {
  const failedBy = async (attempt: number, over: Partial<DispatcherOptions> = {}) => {
    it.respond = async () => ({
      status: null,
      headers: null,
      body: null,
      error: 'ECONNRESET: gone',
    });
    lanes.due.push(claimedHead({ attempt }));
    it.start(over);
    await it.untilRecorded();
    return lanes.results[0]!;
  };

  test.each(standardSchedule.delays.map((delay, i) => [i + 1, delay]))(
    'number %i is followed by the next after %i ms',
    async (attempt, delayMs) => {
      expect(await failedBy(attempt)).toMatchObject({ outcome: 'failed', delayMs, attempt });
    },
  );

  test('beyond the schedule is the last', async () => {
    expect(await failedBy(10)).toMatchObject({ outcome: 'exhausted', error: 'ECONNRESET: gone' });
  });

  test('is followed a tenth sooner or later, by chance', async () => {
    expect(await failedBy(1, { random: () => 0 })).toMatchObject({ delayMs: 4500 });
    lanes.results.length = 0;
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
      it.monotonicMs += (leaseSeconds - 15 - 5) * 1000 + 1;
    };
    lanes.due.push(claimedHead({ laneId: '7' }));
    it.start();
    await vi.waitFor(() => expect(lanes.released).toEqual(['7']), patience);
    expect([sent, lanes.results]).toEqual([[], []]);
    expect(log.events).toContain('delivery.lease-too-short');
  });

  test('but it is where the lease is just long enough', async () => {
    lanes.beforeClaim = () => {
      if (lanes.due.length > 0) it.monotonicMs += (leaseSeconds - 15 - 5) * 1000;
    };
    lanes.due.push(claimedHead());
    it.start();
    await it.untilRecorded();
    expect(sent).toHaveLength(1);
  });

  test('for an attempt that is not in the schedule any more: outcomes were lost, the delivery is given up', async () => {
    lanes.due.push(claimedHead({ attempt: 11 }));
    it.start();
    await it.untilRecorded();
    expect(sent).toEqual([]);
    expect(lanes.results[0]).toMatchObject({
      outcome: 'exhausted',
      error: expect.stringContaining('ATTEMPTS_EXHAUSTED') as string,
    });
  });

  test('to an endpoint of which nothing is known: it is tried again by the schedule', async () => {
    lanes.due.push(claimedHead());
    it.start({ targetOf: () => undefined });
    await it.untilRecorded();
    expect(sent).toEqual([]);
    expect(lanes.results[0]).toMatchObject({ outcome: 'failed', delayMs: 5000 });
  });

  test('where the request cannot be made: it is tried again by the schedule, and says so', async () => {
    lanes.due.push(claimedHead());
    const targetOf = () => {
      throw new Error('the seal is broken');
    };
    it.start({ targetOf });
    await it.untilRecorded();
    expect(lanes.results[0]).toMatchObject({
      outcome: 'failed',
      error: expect.stringContaining('NOT_SENDABLE') as string,
    });
    expect(JSON.stringify(lanes.results)).not.toContain('seal');
    expect(log.events).toContain('delivery.not-sendable');
  });
});
