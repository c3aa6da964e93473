import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import { DeliveryClient } from '@casewire/client';
import type { EventLog } from '@casewire/event-log';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { complete, logOf } from './completed-cases.ts';
import { TestPlatform, type Partner } from './test-platform.ts';

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

const setUp = async (endpoint: Parameters<Partner['listen']>[0] = {}) => {
  const partner = await platform.partner();
  const listener = await partner.listen({ eventTypes: ['case.completed'], ...endpoint });
  return { partner, listener, delivery: new DeliveryClient(platform.url, partner.key) };
};
const settled = ({ client }: Partner, state: string, count: number) =>
  expect
    .poll(async () => (await client.deliveries({ state, limit: 100 })).items.length, patience)
    .toBe(count);

test('a blocked lane waits for a decision, and then continues accordingly', async () => {
  const { partner, listener, delivery } = await setUp({
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
  await settled(partner, 'delivered', 1);
  expect(listener.receiver.requests.at(-1)?.headers).toMatchObject({ 'webhook-gap': '1' });
});

test('an endpoint that answers 410 is suspended; after it is resumed, it receives the pending deliveries in order', async () => {
  const { partner, listener, delivery } = await setUp();
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
  await settled(partner, 'delivered', 3);
  const places = receiver.requests.map(({ headers }) => headers['webhook-sequence']);
  expect(places.slice(-3)).toEqual(['1', '2', '3']);
});
