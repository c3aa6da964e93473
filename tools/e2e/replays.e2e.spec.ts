import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { DeliveryClient } from '@casewire/client';
import type { EventLog } from '@casewire/event-log';
import { WebhookReceiver, type ReceivedRequest } from '@casewire/testing';
import { decodeSecret, verify } from '@casewire/webhooks';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';

import {
  caseOf,
  complete,
  idOf,
  listenForCompletedCases,
  logOf,
  replayOf,
  untilDeliveries,
} from './completed-cases.ts';
import { TestPlatform, type Listener, type Partner } from './test-platform.ts';

const patience = { timeout: 20_000 };
const longAgo = '2020-01-01T00:00:00Z';
const farFuture = '2100-01-01T00:00:00Z';

describe('in a running platform', () => {
  let platform: TestPlatform;
  let log: EventLog;
  beforeAll(async () => {
    platform = await TestPlatform.start({ stages: [] });
    log = logOf(platform);
  });
  afterAll(async () => {
    await log.close();
    await platform.stop();
  });

  const setUp = (endpoint?: Parameters<Partner['listen']>[0]) =>
    listenForCompletedCases(platform, endpoint);
  const received = ({ receiver }: Listener, count: number) =>
    receiver.until((requests) => requests.length >= count);
  const finished = (delivery: DeliveryClient, id: string) =>
    expect.poll(async () => (await delivery.replayOf(id)).state, patience).toBe('completed');

  test('one delivery is sent again with its id and its bytes, marked as a replay and signed, outside its lane', async () => {
    const { partner, listener, delivery } = await setUp();
    await complete(log, partner, [{ id: randomUUID() }]);
    await untilDeliveries(partner, 'delivered', 1);
    const [original] = (await partner.client.deliveries()).items;
    const job = await delivery.replay({ kind: 'delivery', deliveryId: original!.id });
    await received(listener, 2);
    const [first, again] = listener.receiver.requests as [ReceivedRequest, ReceivedRequest];
    expect(idOf(again)).toBe(idOf(first));
    expect(again.body.equals(first.body)).toBe(true);
    expect([replayOf(first), replayOf(again)]).toEqual([undefined, job.id]);
    const secret = decodeSecret(listener.endpoint.secret);
    expect(verify(again.body, again.headers, [secret])).toMatchObject({ id: original!.eventId });
    expect(again.headers['webhook-sequence']).toBeUndefined();
    await finished(delivery, job.id);
    expect(await delivery.replayOf(job.id)).toMatchObject({
      progress: { queued: 1, pending: 0, delivered: 1 },
    });
    const [replayed] = (await partner.client.deliveries()).items;
    expect(replayed).toMatchObject({ replayId: job.id, sequence: null, state: 'delivered' });
  });

  test('a pending delivery is not replayed', async () => {
    const { partner, listener, delivery } = await setUp({ retry: { delaySeconds: [604_800] } });
    listener.receiver.respond = (_, response) => void response.writeHead(500).end();
    await complete(log, partner, [{ id: randomUUID() }]);
    await received(listener, 1);
    const [open] = (await partner.client.deliveries()).items;
    await expect(delivery.replay({ kind: 'delivery', deliveryId: open!.id })).rejects.toMatchObject(
      { status: 409, problem: { code: 'DELIVERY_OPEN' } },
    );
  });

  test('failed deliveries are replayed in the order of their lanes, while the lanes continue', async () => {
    const { partner, listener, delivery } = await setUp({ retry: { delaySeconds: [1] } });
    const [one, two] = [randomUUID(), randomUUID()];
    listener.receiver.respond = (_, response) => void response.writeHead(500).end();
    await complete(log, partner, [{ id: one }, { id: two }, { id: one }, { id: one }]);
    await untilDeliveries(partner, 'exhausted', 4);
    const failed = listener.receiver.requests.map((request) => [caseOf(request), idOf(request)]);
    const orderOf = (id: string) => [
      ...new Set(failed.filter(([of]) => of === id).map(([, eventId]) => eventId)),
    ];
    listener.receiver.requests.length = 0;
    listener.receiver.respond = (_, response) => void response.writeHead(200).end();
    const { id } = await delivery.replay({
      kind: 'failed',
      endpointId: listener.endpoint.id,
      since: longAgo,
    });
    await complete(log, partner, [{ id: one }]);
    await received(listener, 5);
    const replayed = listener.receiver.requests.filter((request) => replayOf(request) === id);
    for (const key of [one, two]) {
      const of = replayed.filter((request) => caseOf(request) === key);
      expect(of.map(idOf)).toEqual(orderOf(key));
    }
    const live = listener.receiver.requests.find((request) => replayOf(request) === undefined);
    expect(live?.headers).toMatchObject({ 'webhook-sequence': '4', 'webhook-gap': '3' });
    await finished(delivery, id);
  });

  test('a period is replayed in order, and so is a case', async () => {
    const { partner, listener, delivery } = await setUp();
    const [one, two] = [randomUUID(), randomUUID()];
    const at = (minute: number) => `2026-01-22T10:0${minute}:00Z`;
    await complete(log, partner, [
      { id: one, at: at(1) },
      { id: two, at: at(2) },
      { id: one, at: at(3) },
      { id: one, at: at(4) },
    ]);
    await untilDeliveries(partner, 'delivered', 4);
    const ofOne = listener.receiver.requests.filter((request) => caseOf(request) === one).map(idOf);
    const { endpoint } = listener;
    const period = { kind: 'period', endpointId: endpoint.id, from: at(1), to: at(4) } as const;
    const byPeriod = await delivery.replay(period);
    const byCase = await delivery.replay({ kind: 'key', endpointId: endpoint.id, key: one });
    await received(listener, 4 + 3 + 3);
    const by = ({ id }: { id: string }, key: string) =>
      listener.receiver.requests
        .filter((request) => replayOf(request) === id && caseOf(request) === key)
        .map(idOf);
    expect(by(byPeriod, one)).toEqual(ofOne.slice(0, 2));
    expect(by(byPeriod, two)).toHaveLength(1);
    expect(by(byCase, one)).toEqual(ofOne);
    const { items } = await delivery.replays();
    expect(items.map(({ kind }) => kind)).toEqual(['key', 'period']);
    expect(items[1]).toMatchObject({ parameters: { endpointId: endpoint.id, from: at(1) } });
  });

  test('a canceled replay sends nothing more', async () => {
    const { partner, listener, delivery } = await setUp({ retry: { delaySeconds: [604_800] } });
    const id = randomUUID();
    await complete(log, partner, [{ id }, { id }, { id }]);
    await untilDeliveries(partner, 'delivered', 3);
    listener.receiver.respond = (_, response) => void response.writeHead(503).end();
    const job = await delivery.replay({ kind: 'key', endpointId: listener.endpoint.id, key: id });
    await received(listener, 4);
    const key = randomUUID();
    const canceled = await delivery.cancelReplay(job.id, key);
    expect(canceled).toMatchObject({ state: 'canceled', progress: { pending: 0, canceled: 3 } });
    expect(await delivery.cancelReplay(job.id, key)).toEqual(canceled);
    await untilDeliveries(partner, 'canceled', 3);
    expect(listener.receiver.requests.filter(replayOf)).toHaveLength(1);
  });

  test('another organization finds no delivery, endpoint, replay or dead letter of this one', async () => {
    const { partner, listener, delivery } = await setUp();
    const id = randomUUID();
    await complete(log, partner, [{ id }]);
    await untilDeliveries(partner, 'delivered', 1);
    const [mine] = (await partner.client.deliveries()).items;
    const job = await delivery.replay({ kind: 'delivery', deliveryId: mine!.id });
    const stranger = new DeliveryClient(platform.url, (await platform.partner()).key);
    const { endpoint } = listener;
    const calls = [
      () => stranger.replay({ kind: 'delivery', deliveryId: mine!.id }),
      () => stranger.replay({ kind: 'failed', endpointId: endpoint.id, since: longAgo }),
      () => stranger.replay({ kind: 'key', endpointId: endpoint.id, key: id }),
      () => stranger.replayOf(job.id),
      () => stranger.cancelReplay(job.id),
      () => stranger.unblock(mine!.id, 'skip'),
      () => stranger.health(endpoint.id),
      () => stranger.resume(endpoint.id),
      () => stranger.deadLetters(),
      () => stranger.deadLetter('1'),
      () => stranger.replayDeadLetter('1'),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ status: 404 });
    expect((await stranger.replays()).items).toEqual([]);
  });

  const endpointId = randomUUID();
  test.each<[string, object, string]>([
    ['of no kind', {}, 'kind'],
    ['of an unknown kind', { kind: 'everything' }, 'kind'],
    ['of an invalid delivery id', { kind: 'delivery', deliveryId: 'x' }, 'deliveryId'],
    [
      'of an invalid endpoint id',
      { kind: 'failed', endpointId: 'x', since: longAgo },
      'endpointId',
    ],
    ['since an invalid time', { kind: 'failed', endpointId, since: 'yesterday' }, 'since'],
    ['of a period without an end', { kind: 'period', endpointId, from: longAgo }, 'to'],
    [
      'of a period that ends before it begins',
      { kind: 'period', endpointId, from: farFuture, to: longAgo },
      'to',
    ],
    ['of no key', { kind: 'key', endpointId, key: '' }, 'key'],
    ['with an unknown field', { kind: 'delivery', deliveryId: '1', fast: true }, 'fast'],
  ])('a replay %s is refused with the field', async (_, body, field) => {
    const { delivery } = await setUp();
    await expect(
      delivery.api.call('/delivery/v1/replays', { method: 'POST', body }),
    ).rejects.toMatchObject({ status: 400, problem: { errors: [{ field }] } });
    expect((await delivery.replays()).items).toEqual([]);
  });

  test('an invalid decision is refused with the field, and so is an invalid cursor', async () => {
    const { delivery } = await setUp();
    await expect(delivery.unblock('1', 'maybe' as never)).rejects.toMatchObject({
      status: 400,
      problem: { errors: [{ field: 'decision' }] },
    });
    await expect(delivery.replays({ cursor: 'x' })).rejects.toMatchObject({
      problem: { errors: [{ field: 'cursor' }] },
    });
  });

  test('a key that may only read cannot start a replay', async () => {
    const { partner, listener } = await setUp();
    const { key } = await platform.operator.createApiKey(partner.organizationId, {
      environment: 'sandbox',
      scopes: ['deliveries:read'],
    });
    const reader = new DeliveryClient(platform.url, key);
    await expect(
      reader.replay({ kind: 'failed', endpointId: listener.endpoint.id, since: longAgo }),
    ).rejects.toMatchObject({ status: 403 });
    expect((await reader.replays()).items).toEqual([]);
  });
});

test('after the service was stopped a replay continues at its position, and sends each event once', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'casewire-replay-'));
  const postgres = { url: inject('postgresUrl'), prefix: `r${randomUUID().slice(0, 8)}_` };
  const receiver = await new WebhookReceiver().start();
  const cases = Array.from({ length: 5 }, () => randomUUID());
  const inOrder = [...cases, ...cases, ...cases, ...cases].map((id) => ({ id }));
  const answered = () => receiver.requests.filter((request) => answers.get(request) === 200);
  const answers = new Map<ReceivedRequest, number>();
  const answering = (status: (request: ReceivedRequest) => number) => {
    receiver.respond = (request, response) => {
      answers.set(request, status(request));
      response.writeHead(answers.get(request)!).end();
    };
  };
  answering(() => 200);
  let platform = await TestPlatform.start({ stages: [], directory, postgres });
  let [key, job] = ['', ''];
  try {
    const partner = await platform.partner();
    key = partner.key;
    const { id: endpointId } = await partner.client.createEndpoint({
      url: receiver.url('/hook'),
      eventTypes: ['case.completed'],
      // Two seconds, by the RETRY_TIME_FACTOR of the test platform.
      retry: { delaySeconds: Array.from({ length: 30 }, () => 4000) },
    });
    const log = logOf(platform);
    await complete(log, partner, inOrder);
    await log.close();
    await receiver.until((requests) => requests.length >= inOrder.length);
    // A pending delivery would not be replayed.
    await untilDeliveries(partner, 'delivered', inOrder.length);
    const delivery = new DeliveryClient(platform.url, key);
    let accepted = 7;
    answering((request) => (replayOf(request) && accepted-- <= 0 ? 503 : 200));
    const period = { kind: 'period', endpointId, from: longAgo, to: farFuture } as const;
    job = (await delivery.replay(period)).id;
    await receiver.until((requests) => requests.some((one) => answers.get(one) === 503));
    expect((await delivery.replayOf(job)).state).toBe('running');
  } finally {
    await platform.stop();
  }
  answering(() => 200);
  platform = await TestPlatform.start({ stages: [], directory, postgres });
  try {
    const delivery = new DeliveryClient(platform.url, key);
    await expect.poll(async () => (await delivery.replayOf(job)).state, patience).toBe('completed');
    expect((await delivery.replayOf(job)).progress).toMatchObject({
      queued: inOrder.length,
      delivered: inOrder.length,
    });
  } finally {
    await platform.stop();
    await receiver.stop();
    rmSync(directory, { recursive: true, force: true });
  }
  for (const id of cases) {
    const of = answered().filter((request) => caseOf(request) === id);
    const live = of.filter((request) => replayOf(request) === undefined).map(idOf);
    expect(of.filter((request) => replayOf(request) === job).map(idOf)).toEqual(live);
  }
});
