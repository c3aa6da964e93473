import 'reflect-metadata';
import { caseViewProjection } from '@casewire/cases/views';
import { deliveredEventId, Topics } from '@casewire/contracts';
import { rebuild, type DomainEvent, type Projection } from '@casewire/event-sourcing';
import { orderViewProjection } from '@casewire/orders/views';
import type { ReceivedRequest } from '@casewire/testing';
import { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { disagreements, isDelivered, publishedIds, unpublished } from '../e2e/orders-and-cases.ts';
import { lanesOutOfOrder } from './arrivals.ts';
import {
  CrashingPlatform,
  type CrashingPlatformPartner,
  type CrashPlan,
} from './crashing-platform.ts';
import { OrderStories } from './order-stories.ts';

const plan: CrashPlan = {
  orders: [
    'orders.created:3',
    'orders.action-committed',
    'orders.outcome-recorded:8',
    'relay.published:4',
    'orders.outcome-recorded:12',
  ],
  cases: [
    'cases.verifications-stored:3',
    'cases.appended:4',
    'relay.published:6',
    'cases.command-executed',
    'cases.command-executed:2',
    'cases.verifications-stored:4',
  ],
  'webhook-delivery': ['delivery.claimed:5', 'delivery.answered:6', 'delivery.recorded:6'],
};
const started = new Date();

let platform: CrashingPlatform;
let partner: CrashingPlatformPartner;
let stories: OrderStories;
const databaseUrl = (name: string) => platform.dependencies.databaseUrl(name);

beforeAll(async () => {
  platform = new CrashingPlatform();
  partner = await platform.start();
  stories = new OrderStories(platform, partner.client, partner.key);
  const { client, operator, organizationId } = partner;
  await client.createEndpoint({ url: platform.receiver.url('/hook') });
  await operator.provisionEndpoint(organizationId, {
    environment: 'sandbox',
    audience: 'internal',
    url: platform.receiver.url('/internal'),
    eventTypes: ['order.erased', 'case.erased'],
  });
  await stories.createTemplate();
}, 120_000);
afterAll(() => platform?.stop());

interface OrderEvent {
  eventName: string;
  payload: { orderId?: string; caseId?: string; status?: string; state?: string };
}
const eventOf = ({ body }: ReceivedRequest): OrderEvent => JSON.parse(body.toString());
const idOf = ({ headers }: ReceivedRequest) => String(headers['webhook-id']);
const isOfOrders = (request: ReceivedRequest) =>
  /^(order|verification|task)\./.test(eventOf(request).eventName);

/** What arrived about an order: each event once, in the order of its lane. */
function storyOf(orderId: string, path = '/hook'): string[] {
  const requests = platform.receiver.requests.filter(
    (one) => one.path === path && isOfOrders(one) && eventOf(one).payload.orderId === orderId,
  );
  return [...new Map(requests.map((one) => [idOf(one), one])).values()]
    .toSorted(
      (a, b) => Number(a.headers['webhook-sequence']) - Number(b.headers['webhook-sequence']),
    )
    .map(eventOf)
    .map(({ eventName, payload: { state, status } }) => `${eventName} ${state ?? status}`);
}

const ordered = ['order.created pending', 'verification.state_changed processing'];
const succeeded = [
  'task.status_updated processing',
  'task.status_updated succeeded',
  'verification.state_changed completed',
  'order.status_updated completed',
  'order.completed completed',
];

/** What people and systems do with an order, and what arrives about it. Each happens to two orders at the same time. */
const scenarios: Record<string, { play: () => Promise<{ orderId: string }>; arrives: string[] }> = {
  'completed, and refreshed': {
    play: async () => {
      const { orderId, ...rest } = await stories.completed();
      await stories.refreshed(orderId);
      return { orderId, ...rest };
    },
    arrives: [
      ...ordered,
      ...succeeded,
      'task.status_updated refreshing',
      'task.status_updated succeeded',
      'order.status_updated completed',
    ],
  },
  'completed, and refreshed without success': {
    play: async () => {
      const { orderId, verificationId } = await stories.ordered();
      await stories.submit(verificationId, 'verdict-verified.refresh-fails');
      await stories.untilState(verificationId, 'completed');
      await stories.refreshed(orderId);
      return { orderId };
    },
    arrives: [
      ...ordered,
      ...succeeded,
      'task.status_updated refreshing',
      'task.status_updated refresh_failed',
      'order.refresh_failed SIMULATED_FAILURE',
    ],
  },
  'canceled with a case that is under way': {
    play: async () => {
      const { orderId } = await stories.waiting();
      await stories.send((key) => stories.orders.cancel(orderId, key));
      return { orderId };
    },
    arrives: [
      ...ordered,
      'task.status_updated processing',
      'verification.state_changed canceled',
      'task.status_updated canceled',
      'order.completed canceled',
    ],
  },
  'invalid by a rejected document, with another case that is under way': {
    play: async () => {
      const { orderId, verificationId } = await stories.waiting();
      await stories.submit(verificationId, 'verdict-rejected');
      await stories.untilState(verificationId, 'invalid');
      await stories.send((key) => stories.orders.cancelVerification(verificationId, key));
      return { orderId };
    },
    arrives: [
      ...ordered,
      'task.status_updated processing',
      'task.status_updated processing',
      'task.status_updated rejected',
      'verification.state_changed invalid',
      'task.status_updated canceled',
      'verification.state_changed canceled',
      'order.completed canceled',
    ],
  },
  'completed after information was given': {
    play: async () => {
      const { orderId, verificationId } = await stories.ordered();
      await stories.submit(verificationId, 'extraction-fails');
      await stories.untilState(verificationId, 'action-required');
      await stories.send((key) =>
        stories.orders.giveInformation(verificationId, { note: 'a new file follows' }, key),
      );
      await stories.submit(verificationId, 'verdict-verified');
      await stories.untilState(verificationId, 'completed');
      return { orderId };
    },
    arrives: [
      ...ordered,
      'task.status_updated processing',
      'task.status_updated failed',
      'verification.state_changed action-required',
      'verification.state_changed processing',
      ...succeeded,
    ],
  },
};

/** Every service of a plan is killed at once, and then dies at its crash points. */
const deathsOf = (of: CrashPlan) => Object.values(of).flatMap((crashes) => ['killed', ...crashes]);

async function untilEverythingArrived(): Promise<void> {
  const open = async () => ({
    unpublishedOrders: await unpublished(databaseUrl, 'casewire_orders'),
    unpublishedCases: await unpublished(databaseUrl, 'casewire_cases'),
    disagreements: await disagreements(databaseUrl),
    delivered: await isDelivered(databaseUrl, started),
  });
  await expect.poll(open, { timeout: 90_000, interval: 500 }).toEqual({
    unpublishedOrders: 0,
    unpublishedCases: 0,
    disagreements: [],
    delivered: true,
  });
}

/** The ids under which the events of orders must have arrived at the endpoint for all events. */
const expectedIds = async () =>
  new Set(
    (await publishedIds(databaseUrl)).map((id) =>
      deliveredEventId(Topics.casewireEvents, '/casewire/orders', id),
    ),
  );

test('TE-22 TE-23 orders whose services die at every crash point cause each event once, in order, and agree with cases', async () => {
  for (const [name, crashes] of Object.entries(plan))
    platform.kill(name as keyof CrashPlan, crashes);
  const deaths = deathsOf(plan);
  const playing = Object.entries(scenarios).flatMap(([what, { play, arrives }]) =>
    [1, 2].map(async () => ({ what, arrives, ...(await play()) })),
  );
  const ended = await Promise.all(playing);
  await platform.untilDeaths(deaths.length);
  expect(platform.deaths.map(({ at }) => at).toSorted()).toEqual(deaths.toSorted());
  await untilEverythingArrived();
  for (const { what, orderId, arrives } of ended)
    expect([what, storyOf(orderId)]).toEqual([what, arrives]);
  const arrived = platform.receiver.requests.filter(
    (one) => one.path === '/hook' && isOfOrders(one),
  );
  expect(new Set(arrived.map(idOf))).toEqual(await expectedIds());
  expect(lanesOutOfOrder(platform.receiver.requests)).toEqual([]);
}, 300_000);

/** Deaths during deletions, at the points that only deletions pass, and at those of both hops. */
const deletionPlan: CrashPlan = {
  orders: ['orders.order-erased', 'relay.published', 'orders.outcome-recorded:2'],
  cases: ['cases.verifications-stored', 'cases.command-executed', 'relay.published'],
};

test('TE-22 TE-23 orders, and cases of orders, that are deleted while services die are deleted everywhere', async () => {
  const receivedBefore = platform.receiver.requests.length;
  const [one, two, alone] = await Promise.all([
    stories.completed(),
    stories.waiting(),
    stories.completed(),
  ]);
  const before = platform.deaths.length;
  for (const [name, crashes] of Object.entries(deletionPlan))
    platform.kill(name as keyof CrashPlan, crashes);
  await Promise.all([
    stories.remove(one.orderId),
    stories.remove(two.orderId),
    stories.send(() =>
      partner.client.deleteCase(alone.caseId).catch((error: { status?: number }) => {
        if (error.status !== 404) throw error;
      }),
    ),
  ]);
  await stories.untilState(alone.verificationId, 'invalid');
  const deaths = deathsOf(deletionPlan);
  await platform.untilDeaths(before + deaths.length);
  expect(
    platform.deaths
      .slice(before)
      .map(({ at }) => at)
      .toSorted(),
  ).toEqual(deaths.toSorted());
  await untilEverythingArrived();

  for (const { orderId } of [one, two]) expect(storyOf(orderId, '/internal')).toHaveLength(1);
  expect(storyOf(alone.orderId).slice(-2)).toEqual([
    'task.status_updated removed',
    'verification.state_changed invalid',
  ]);
  const since = platform.receiver.requests.slice(receivedBefore);
  const erased = since.filter((request) => eventOf(request).eventName === 'case.erased');
  const caseIds = erased.map((request) => eventOf(request).payload.caseId);
  expect([...new Set(caseIds)].toSorted()).toEqual(
    [one, two, alone].map(({ caseId }) => caseId).toSorted(),
  );
  expect(new Set(erased.map(idOf)).size).toBe(3);
  const ids = await expectedIds();
  expect(
    since
      .filter(isOfOrders)
      .filter((request) => request.path === '/hook' && !ids.has(idOf(request))),
  ).toEqual([]);
}, 240_000);

async function differences<E extends DomainEvent>(database: string, projection: Projection<E>) {
  const pool = new Pool({ connectionString: databaseUrl(database) });
  try {
    return (await rebuild(pool, projection, { replace: false })).differences;
  } finally {
    await pool.end();
  }
}

test('afterwards both read models are as the domain events say', async () => {
  expect(await differences('casewire_orders', orderViewProjection)).toEqual([]);
  expect(await differences('casewire_cases', caseViewProjection)).toEqual([]);
});
