import { createHash, randomUUID } from 'node:crypto';

import { dialects, verify, type AttemptContext, type Dialect } from '@casewire/webhooks';
import { Agent } from 'undici';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { deliveryDatabase, type DeliveryDatabase } from '../../../test/delivery-database.ts';
import { endpoint, namedId, Partition } from '../../../test/events.ts';
import { claimedHead, KeptLog } from '../../../test/scripted-store.ts';
import type { FailurePolicy } from '../../model/failure-policy.ts';
import type { Target } from '../../model/target.ts';
import { Attempts, type AttemptOptions } from './attempt.ts';
import type { SendResult, OutgoingRequest } from './sender.ts';

const http = new Agent();
afterAll(() => http.close());
const now = new Date('2026-01-22T10:30:00Z');
const secret = Buffer.alloc(32, 7);

let target: Target;
let policy: FailurePolicy;
let sent: OutgoingRequest[];
let response: Partial<SendResult>;
beforeEach(() => {
  target = { url: 'https://receiver.test/', secrets: [secret], token: null, headers: {}, http };
  policy = { delays: null, onExhausted: 'skip' };
  [sent, response] = [[], { status: 200 }];
});

const attempts = (over: Partial<AttemptOptions> = {}) =>
  new Attempts({
    targetOf: () => target,
    policyOf: () => policy,
    send: async (request) => {
      sent.push(request);
      return { status: null, headers: {}, body: null, error: null, ...response };
    },
    now: () => now,
    monotonic: () => 0,
    random: () => 0.5,
    timeFactor: 1,
    logger: new KeptLog(),
    ...over,
  });
const make = async (head: Parameters<typeof claimedHead>[0], over: Partial<AttemptOptions> = {}) =>
  (await attempts(over).make(claimedHead(head), 30_000))!;

test.each(['case.erased', 'order.erased'])(
  'of a response to %s only status and error code are stored',
  async (eventType) => {
    response = { status: 200, headers: { 'x-about': 'Ada' }, body: Buffer.from('Ada is gone') };
    const nothing = { responseHeaders: null, responseBody: null };
    expect(await make({ eventType })).toMatchObject({ ...nothing, status: 200, error: null });
    response = { status: null, error: 'ENOTFOUND: getaddrinfo host-of-ada.test' };
    expect(await make({ eventType })).toMatchObject({ ...nothing, error: 'ENOTFOUND' });
    response = { status: 503, headers: { 'retry-after': '60' }, body: Buffer.from('later, Ada') };
    expect(await make({ eventType })).toMatchObject({
      ...nothing,
      error: 'HTTP_503',
      requestedPauseMs: 60_000,
    });
  },
);

describe('a failed attempt', () => {
  beforeEach(() => {
    response = { status: 500 };
  });

  test('TW-12 uses the endpoint’s own schedule before the dialect’s, with a random tenth', async () => {
    policy = { ...policy, delays: [10_000, 70_000] };
    expect(await make({ attempt: 2 })).toMatchObject({ outcome: 'failed', delayMs: 70_000 });
    const shortest = { random: () => 0 };
    expect(await make({ attempt: 1 }, shortest)).toMatchObject({
      outcome: 'failed',
      delayMs: 9000,
    });
    expect(await make({ attempt: 3 })).toMatchObject({ outcome: 'exhausted', sent: true });
  });

  test('TI-24 with two delays is one of three attempts in total, then the delivery is given up', async () => {
    policy = { ...policy, delays: [300_000, 300_000] };
    const outcomes = [];
    for (const attempt of [1, 2, 3, 4]) outcomes.push((await make({ attempt })).outcome);
    expect(outcomes).toEqual(['failed', 'failed', 'exhausted', 'exhausted']);
    expect(sent).toHaveLength(3);
  });

  test('at the end of the schedule blocks the lane if the endpoint’s policy is block', async () => {
    policy = { delays: [1000], onExhausted: 'block' };
    expect(await make({ attempt: 1 })).toMatchObject({ outcome: 'failed' });
    expect(await make({ attempt: 2 })).toMatchObject({ outcome: 'blocked' });
    // Its result was lost and the lane was claimed again: it is not sent once more.
    expect(await make({ attempt: 3 })).toMatchObject({ outcome: 'blocked', sent: false });
    expect(sent).toHaveLength(2);
  });

  test('of a delivery with a fault is not sent: the delivery is given up at once, with the fault as error', async () => {
    const fault = 'CONVERSION_FAILED: /amount is missing';
    expect(await make({ fault })).toMatchObject({
      outcome: 'exhausted',
      sent: false,
      status: null,
      error: fault,
      requestHeaders: {},
    });
    policy = { delays: null, onExhausted: 'block' };
    expect(await make({ fault })).toMatchObject({ outcome: 'blocked', error: fault });
    expect(sent).toEqual([]);
  });

  test('TE-26 without a response is retried', async () => {
    response = { status: null, error: 'TIMEOUT: no answer within 15000 ms' };
    const result = await make({ attempt: 1 });
    expect(result).toMatchObject({ outcome: 'failed', sent: true, delayMs: 5000 });
    expect(result.error).toMatch(/^TIMEOUT/);
  });
});

describe('Retry-After', () => {
  const answered = async (status: number, retryAfter: string, attempt = 1) => {
    response = { status, headers: { 'retry-after': retryAfter } };
    return make({ attempt });
  };

  test.each([
    ['later than the schedule', '120', 120_000],
    ['as a date', 'Thu, 22 Jan 2026 10:32:00 GMT', 120_000],
    ['earlier than the schedule, which then applies', '1', 5000],
    ['longer than a day, which is the maximum', '1000000', 86_400_000],
    ['that is invalid', 'soon', 5000],
  ])('%s', async (_, value, delayMs) => {
    expect(await answered(429, value)).toMatchObject({ outcome: 'failed', delayMs });
  });

  test.each([429, 503])('with %s applies to all lanes of the endpoint', async (status) => {
    expect(await answered(status, '60')).toMatchObject({
      delayMs: 60_000,
      requestedPauseMs: 60_000,
    });
  });

  test.each([301, 400, 404, 500, 502, 504])('with %s applies to this lane only', async (status) => {
    expect(await answered(status, '60')).toMatchObject({ delayMs: 60_000, requestedPauseMs: 0 });
  });

  test('does not add an attempt, and applies after the last one, too', async () => {
    const result = await answered(429, '60', 10);
    expect(result).toMatchObject({ outcome: 'exhausted', requestedPauseMs: 60_000 });
  });

  test('is ignored with a response of 2xx', async () => {
    expect(await answered(202, '60')).toMatchObject({ outcome: 'delivered', requestedPauseMs: 0 });
  });
});

describe('a request', () => {
  test('TE-24 TW-20 TI-26 has the event’s id in every attempt, so that a receiver recognizes a repetition', async () => {
    response = { status: 500 };
    const eventId = namedId('one');
    for (const attempt of [1, 2, 3]) await make({ attempt, eventId });
    expect(sent.map(({ headers }) => headers['webhook-id'])).toEqual([eventId, eventId, eventId]);
  });

  test('G6 has the number of events directly before it that were given up', async () => {
    await make({ seq: '7', gap: 2, previousId: namedId('before') });
    const [{ headers, body } = expect.fail()] = sent;
    expect(headers['webhook-gap']).toBe('2');
    expect(verify(body, headers, [secret], { now: () => now })).toMatchObject({
      sequence: { number: 7, gap: 2 },
    });
  });

  test('of a replay has the id of the replay and no place in a lane', async () => {
    await make({ replayJob: '12', seq: '3', previousId: namedId('before') });
    const [{ headers, body } = expect.fail()] = sent;
    expect(headers['webhook-replay']).toBe('12');
    expect(Object.keys(headers).filter((name) => /sequence|previous|gap/.test(name))).toEqual([]);
    expect(verify(body, headers, [secret], { now: () => now })).toBeTruthy();
  });

  test('has the endpoint’s own headers, whose values are not stored', async () => {
    target = { ...target, headers: { 'X-Team': 'blue', Authorization: 'Bearer token' } };
    const { requestHeaders } = await make({});
    expect(sent[0]!.headers).toMatchObject({ 'x-team': 'blue', authorization: 'Bearer token' });
    expect(requestHeaders).toMatchObject({ 'x-team': '***', authorization: '***' });
    expect(JSON.stringify(requestHeaders)).not.toMatch(/blue|Bearer/);
  });

  test('keeps the engine’s and the connection’s headers, whatever headers the endpoint sets', async () => {
    target = {
      ...target,
      headers: {
        'Content-Type': 'text/plain',
        'Webhook-Id': 'forged',
        'WEBHOOK-SIGNATURE': 'forged',
        Host: 'elsewhere.test',
        'Content-Length': '1',
        'Transfer-Encoding': 'chunked',
        'Proxy-Authorization': 'x',
      },
    };
    const { requestHeaders } = await make({ eventId: namedId('one') });
    const [{ headers } = expect.fail()] = sent;
    expect(headers).toMatchObject({
      'content-type': 'application/json',
      'webhook-id': namedId('one'),
    });
    expect(Object.keys(headers)).toEqual(Object.keys(headers).map((name) => name.toLowerCase()));
    for (const name of ['host', 'content-length', 'transfer-encoding', 'proxy-authorization'])
      expect(headers).not.toHaveProperty(name);
    expect(JSON.stringify([headers, requestHeaders])).not.toContain('forged');
  });
});

describe('a dialect with a handshake', () => {
  const head = { dialect: 'cloudevents', headers: { 'ce-id': 'one' } } as const;

  test('sends nothing without consent: that counts as an attempt, is retried, and has the reason as error', async () => {
    const error = 'HANDSHAKE_REFUSED: ORIGIN_MISSING';
    const over = { consentOf: async () => ({ granted: false, error }) as const };
    const counted = { sent: true, status: null, error, requestHeaders: {} };
    const [first, last] = [await make(head, over), await make({ ...head, attempt: 10 }, over)];
    expect(first).toMatchObject({ ...counted, outcome: 'failed', delayMs: 5000 });
    expect(last).toMatchObject({ ...counted, outcome: 'exhausted' });
    expect(sent).toEqual([]);
  });

  test('sends with consent and the headers of the handshake; other dialects have no handshake', async () => {
    const handshakes: string[] = [];
    const headers = { 'webhook-request-origin': 'events.casewire.example' };
    const over: Partial<AttemptOptions> = {
      async consentOf({ dialect }, { url }) {
        handshakes.push(`${dialect} at ${url}`);
        return { granted: true, headers };
      },
    };
    for (const one of [head, {}])
      expect(await make(one, over)).toMatchObject({ outcome: 'delivered', sent: true });
    expect(handshakes).toEqual([`cloudevents at ${target.url}`]);
    expect(sent[0]!.headers).toMatchObject({ 'ce-id': 'one', ...headers });
    expect(sent[1]!.headers).not.toHaveProperty('webhook-request-origin');
  });
});

describe('a dialect with its own body and headers per attempt', () => {
  const facts: AttemptContext[] = [];
  const withAttemptData: Dialect = {
    ...dialects.casewire,
    attemptBody: (pinned, attempt) => {
      facts.push(attempt);
      if (attempt.number === 1) return pinned;
      return Buffer.from(JSON.stringify({ ...JSON.parse(pinned.toString()), n: attempt.number }));
    },
    attemptHeaders: (body, _, { token }) => ({
      'X-Truework-Token': token!,
      'X-Digest': createHash('sha256').update(body).digest('hex'),
    }),
    secretHeaders: dialects.truework.secretHeaders,
  };
  const over = { dialects: { ...dialects, casewire: withAttemptData } };
  beforeEach(() => {
    target = { ...target, token: 'the token' };
    facts.length = 0;
  });

  test('TI-12 TI-26 receives the facts of the attempt, and signs the bytes that are sent', async () => {
    const dueAt = new Date('2026-01-22T10:29:59Z');
    const before = { lastStatus: 500, lastError: 'HTTP_500' };
    const result = await make({ attempt: 2, dueAt, body: Buffer.from('{"a":1}'), ...before }, over);
    expect(facts).toMatchObject([
      { number: 2, sentAt: now, dueAt, url: target.url, eventType: 'thing.happened', ...before },
    ]);
    const [{ headers, body } = expect.fail()] = sent;
    expect(body.toString()).toBe('{"a":1,"n":2}');
    expect(headers['x-digest']).toBe(createHash('sha256').update(body).digest('hex'));
    expect(verify(body, headers, [secret], { now: () => now })).toBeTruthy();
    expect(result.requestBody?.toString()).toBe('{"a":1,"n":2}');
  });

  test('has its body stored only if it differs from the delivery’s', async () => {
    expect(await make({ attempt: 1 }, over)).toMatchObject({ requestBody: null });
  });

  test('TW-21 sends its token, which is not stored', async () => {
    const { requestHeaders } = await make({}, over);
    expect(sent[0]!.headers['x-truework-token']).toBe('the token');
    expect(requestHeaders['x-truework-token']).toBe('***');
    expect(requestHeaders['x-digest']).toMatch(/^[0-9a-f]{64}$/);
  });

  test('has the headers masked that it lists as secret, and no others', async () => {
    const planted: Dialect = {
      ...dialects.casewire,
      attemptHeaders: (_body, _attempt, { token }) => ({
        'X-Vendor-Key': token!,
        'X-Vendor-Account': 'account 7',
      }),
      secretHeaders: ['x-vendor-key'],
    };
    const { requestHeaders } = await make({}, { dialects: { ...dialects, casewire: planted } });
    expect(sent[0]!.headers).toMatchObject({ 'x-vendor-key': 'the token' });
    expect(requestHeaders).toMatchObject({
      'x-vendor-key': '***',
      'x-vendor-account': 'account 7',
    });
    expect(JSON.stringify(requestHeaders)).not.toContain('the token');
  });
});

describe('after crashes', () => {
  let database: DeliveryDatabase;
  beforeAll(async () => {
    database = await deliveryDatabase();
  });
  afterAll(() => database.drop());

  test('TI-24 three attempts remain three: an attempt that was sent and not recorded counts', async () => {
    const { store, inspect } = database;
    policy = { ...policy, delays: [300_000, 300_000] };
    await store.ingest(new Partition().batch([endpoint()], {}));
    for (const attempt of [1, 2, 3]) {
      const [head] = await store.claim(randomUUID(), 1);
      expect(head!.attempt).toBe(attempt);
      // Its process crashes between the send and the result.
      await attempts().make(head!, 30_000);
      await inspect.timePasses(30_001);
    }
    expect(sent).toHaveLength(3);
    const leaseHolder = randomUUID();
    const [head] = await store.claim(leaseHolder, 1);
    const result = await attempts().make(head!, 30_000);
    await store.recordResults(leaseHolder, [result!]);
    expect(sent).toHaveLength(3);
    const [delivery] = await inspect.deliveries();
    expect(delivery).toMatchObject({
      state: 'exhausted',
      lastError: expect.stringMatching(/^ATTEMPTS_EXHAUSTED/) as string,
    });
  });
});
