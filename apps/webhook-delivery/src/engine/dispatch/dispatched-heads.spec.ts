import { standardSchedule, verify } from '@casewire/webhooks';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';

import { answered, DispatcherFixture, patience, secret } from '../../../test/dispatcher-fixture.ts';
import { namedId } from '../../../test/events.ts';
import { claimedHead } from '../../../test/scripted-store.ts';
import { leaseSeconds } from '../../model/lease.ts';
import type { DispatcherOptions } from './dispatcher.ts';

let fixture: DispatcherFixture;
let store: DispatcherFixture['store'];
let log: DispatcherFixture['log'];
let sent: DispatcherFixture['sent'];
beforeEach(() => {
  fixture = new DispatcherFixture();
  ({ store, log, sent } = fixture);
});
afterEach(() => fixture.stop());

describe('a head is delivered', () => {
  test('with the stored bytes and headers, signed, with its place in the lane', async () => {
    const previousId = namedId('previous');
    store.due.push(claimedHead({ seq: '4', previousId, body: Buffer.from('{"said":"ñ"}') }));
    fixture.start();
    await fixture.untilRecorded();
    const [{ url, headers, body, timeoutMs } = expect.fail()] = sent;
    expect({ url, timeoutMs }).toEqual({ url: 'https://receiver.test/', timeoutMs: 15_000 });
    const now = new Date('2026-01-22T10:30:00Z');
    expect(verify(body, headers, [secret], { now: () => now })).toMatchObject({
      sequence: { number: 4, previousId },
    });
    expect(store.results[0]).toMatchObject({
      outcome: 'delivered',
      status: 200,
      error: null,
      requestBody: null,
      sent: true,
    });
    // The attempt stores its headers in addition to the delivery's own.
    expect({ ...claimedHead().headers, ...store.results[0]?.requestHeaders }).toEqual(headers);
  });

  test.each([200, 201, 202, 204, 226, 299])(
    'TE-25 by a response with status %s',
    async (status) => {
      fixture.respond = async () => answered(status);
      store.due.push(claimedHead());
      fixture.start();
      await fixture.untilRecorded();
      expect(store.results[0]?.outcome).toBe('delivered');
    },
  );

  test.each([199, 301, 302, 304, 400, 401, 404, 410, 429, 500, 503])(
    'TE-25 not by a response with status %s',
    async (status) => {
      fixture.respond = async () => answered(status);
      store.due.push(claimedHead());
      fixture.start();
      await fixture.untilRecorded();
      expect(store.results[0]).toMatchObject({ outcome: 'failed', error: `HTTP_${status}` });
    },
  );
});

describe('a failed attempt', () => {
  const failedBy = async (attempt: number, over: Partial<DispatcherOptions> = {}) => {
    fixture.respond = async () => ({
      status: null,
      headers: null,
      body: null,
      error: 'ECONNRESET: gone',
    });
    store.due.push(claimedHead({ attempt }));
    fixture.start(over);
    await fixture.untilRecorded();
    return store.results[0]!;
  };

  test.each(standardSchedule.delays.map((delay, i) => [i + 1, delay]))(
    'number %i is retried after %i ms',
    async (attempt, delayMs) => {
      expect(await failedBy(attempt)).toMatchObject({ outcome: 'failed', delayMs, attempt });
    },
  );

  test('after the last delay of the schedule is the last one', async () => {
    expect(await failedBy(10)).toMatchObject({ outcome: 'exhausted', error: 'ECONNRESET: gone' });
  });

  test('is retried up to a tenth earlier or later, at random', async () => {
    expect(await failedBy(1, { random: () => 0 })).toMatchObject({ delayMs: 4500 });
    store.results.length = 0;
    expect(await failedBy(1, { random: () => 0.999999 })).toMatchObject({ delayMs: 5500 });
  });

  test('is retried earlier with a smaller time factor', async () => {
    expect(await failedBy(2, { timeFactor: 0.001 })).toMatchObject({ delayMs: 300 });
  });
});

describe('nothing is sent', () => {
  test('if the lease could end before the result is recorded: the head is released', async () => {
    store.beforeClaim = () => {
      // The duration of the claim itself.
      fixture.monotonicMs += (leaseSeconds - 15 - 5) * 1000 + 1;
    };
    store.due.push(claimedHead({ laneId: '7' }));
    fixture.start();
    await vi.waitFor(() => expect(store.released).toEqual(['7']), patience);
    expect([sent, store.results]).toEqual([[], []]);
    expect(log.events).toContain('delivery.lease-too-short');
  });

  test('but it is if the lease is just long enough', async () => {
    store.beforeClaim = () => {
      if (store.due.length > 0) fixture.monotonicMs += (leaseSeconds - 15 - 5) * 1000;
    };
    store.due.push(claimedHead());
    fixture.start();
    await fixture.untilRecorded();
    expect(sent).toHaveLength(1);
  });

  test('for an attempt beyond the schedule: results were lost, and the delivery is given up', async () => {
    store.due.push(claimedHead({ attempt: 11 }));
    fixture.start();
    await fixture.untilRecorded();
    expect(sent).toEqual([]);
    expect(store.results[0]).toMatchObject({
      outcome: 'exhausted',
      error: expect.stringContaining('ATTEMPTS_EXHAUSTED') as string,
    });
  });

  test('to an unknown endpoint: the attempt is retried by the schedule', async () => {
    store.due.push(claimedHead());
    fixture.start({ targetOf: () => undefined });
    await fixture.untilRecorded();
    expect(sent).toEqual([]);
    expect(store.results[0]).toMatchObject({ outcome: 'failed', delayMs: 5000 });
  });

  test('if the request cannot be built: the attempt is retried by the schedule, with an error code', async () => {
    store.due.push(claimedHead());
    const targetOf = () => {
      throw new Error('the seal is broken');
    };
    fixture.start({ targetOf });
    await fixture.untilRecorded();
    expect(store.results[0]).toMatchObject({
      outcome: 'failed',
      error: expect.stringContaining('NOT_SENDABLE') as string,
    });
    expect(JSON.stringify(store.results)).not.toContain('seal');
    expect(log.events).toContain('delivery.not-sendable');
  });
});
