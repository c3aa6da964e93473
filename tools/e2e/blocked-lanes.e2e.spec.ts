import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import type { EventLog } from '@casewire/event-log';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { complete, listenForCompletedCases, logOf, untilDeliveries } from './completed-cases.ts';
import { TestPlatform } from './test-platform.ts';

const patience = { timeout: 20_000 };
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

test('a blocked lane waits for a decision, and then continues accordingly', async () => {
  const { partner, listener, delivery } = await listenForCompletedCases(platform, {
    onExhausted: 'block',
    retry: { delaySeconds: [1] },
  });
  listener.receiver.respond = (_, response) => void response.writeHead(500).end();
  const id = randomUUID();
  await complete(log, partner, [{ id }, { id }]);
  await expect
    .poll(async () => (await delivery.health(listener.endpoint.id)).blocked, patience)
    .toBe(1);
  expect(await delivery.health(listener.endpoint.id)).toMatchObject({ pending: 2 });
  const blocked = (await partner.client.deliveries()).items;
  expect(blocked.map((one) => one.blocked)).toEqual([true, true]);
  const [behind, head] = blocked;
  await expect(delivery.unblock(behind!.id, 'skip')).rejects.toMatchObject({
    problem: { code: 'DELIVERY_NOT_BLOCKED' },
  });
  listener.receiver.respond = (_, response) => void response.writeHead(200).end();
  expect(await delivery.unblock(head!.id, 'skip')).toMatchObject({ state: 'exhausted' });
  await untilDeliveries(partner, 'delivered', 1);
  expect(listener.receiver.requests.at(-1)?.headers).toMatchObject({ 'webhook-gap': '1' });
});

test('an endpoint that answers 410 is suspended; after it is resumed, it receives the pending deliveries in order', async () => {
  const { partner, listener, delivery } = await listenForCompletedCases(platform);
  const { endpoint, receiver } = listener;
  expect(await delivery.health(endpoint.id)).toMatchObject({ suspended: null, pending: 0 });
  receiver.respond = (_, response) => void response.writeHead(410).end();
  const id = randomUUID();
  await complete(log, partner, [{ id }, { id }, { id }]);
  await expect
    .poll(async () => (await delivery.health(endpoint.id)).suspended?.reason, patience)
    .toBe('gone');
  receiver.respond = (_, response) => void response.writeHead(200).end();
  expect(await delivery.resume(endpoint.id)).toMatchObject({ suspended: null });
  await untilDeliveries(partner, 'delivered', 3);
  const places = receiver.requests.map(({ headers }) => headers['webhook-sequence']);
  expect(places.slice(-3)).toEqual(['1', '2', '3']);
});
