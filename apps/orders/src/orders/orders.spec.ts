import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import { OrderView } from '@casewire/contracts';
import { NotPublished } from '@casewire/event-sourcing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { StartedOrderApi } from '../../test/started-order-api.ts';

let api: StartedOrderApi;
beforeAll(async () => (api = await StartedOrderApi.start()));
afterAll(() => api.stop());

const income = { templateId: 'casewire.income' };
const both = { templateId: 'casewire.income-and-assets' };

test('an order has the verifications of its template, each in its first state', async () => {
  const order = await api.client().create({
    ...both,
    user: { externalId: 'u-1', name: 'Ana García', email: 'ana@example.com', phone: '+34 600' },
    metadata: { branch: 'north', floor: 2, vip: true },
    verifications: [{ name: 'income', employer: { externalId: 'e-1', name: 'Acme' } }],
    correlationId: 'loan-7',
  });
  OrderView.parse(order);
  expect(order).toMatchObject({
    number: expect.stringMatching(/^CW-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$/),
    environment: 'sandbox',
    status: 'pending',
    templateId: 'casewire.income-and-assets',
    templateVersion: 1,
    user: { externalId: 'u-1', name: 'Ana García', email: 'ana@example.com', phone: '+34 600' },
    metadata: { branch: 'north', floor: 2, vip: true },
    correlationId: 'loan-7',
    createdBy: { type: 'api_key', name: 'Back office' },
    completedAt: null,
    reports: [],
    refresh: null,
  });
  expect(order.verifications).toMatchObject([
    {
      orderId: order.id,
      name: 'income',
      method: 'documents',
      state: 'processing',
      reason: 'ORDER_CREATED',
      documentTypes: ['payslip'],
      features: ['extraction', 'forensics'],
      approval: 'none',
      employer: { externalId: 'e-1', name: 'Acme' },
      allowed: ['submit_documents', 'cancel'],
      information: [],
      tasks: [],
    },
    { name: 'assets', documentTypes: ['bank_statement'], employerId: null, employer: null },
  ]);
});

test('an order without a user has no userId, and is read as it was created', async () => {
  const client = api.client();
  const order = await client.create(income);
  expect(order).toMatchObject({ userId: null, user: null, metadata: {}, correlationId: null });
  expect(await client.order(order.id)).toEqual(order);
});

test('an order keeps the version of its template; another one may be chosen', async () => {
  const client = api.client();
  const id = `tax-${randomUUID()}`;
  const content = (name: string) => ({
    title: 'Tax',
    verifications: [{ name, method: 'instant' as const, documentTypes: ['invoice' as const] }],
  });
  await client.createTemplate({ id, ...content('first') });
  const order = await client.create({ templateId: id });
  await client.addTemplateVersion(id, content('second'));
  expect(await client.order(order.id)).toMatchObject({
    templateVersion: 1,
    verifications: [{ name: 'first', method: 'instant' }],
  });
  expect(await client.create({ templateId: id })).toMatchObject({
    templateVersion: 2,
    verifications: [{ name: 'second' }],
  });
  expect(await client.create({ templateId: id, templateVersion: 1 })).toMatchObject({
    templateVersion: 1,
    verifications: [{ name: 'first' }],
  });
});

test('users and employers with the same id of the orderer have the same opaque id', async () => {
  const client = api.client();
  const employer = { externalId: 'same' };
  const create = (name = 'Ana') =>
    client.create({
      ...both,
      user: { externalId: 'same', name },
      verifications: [
        { name: 'income', employer },
        { name: 'assets', employer: { name: 'Bank' } },
      ],
    });
  const [first, second] = [await create(), await create('Ana María')];
  const idsOf = ({ userId, verifications }: OrderView) => [
    userId,
    ...verifications.map(({ employerId }) => employerId),
  ];
  const [user, withId, withoutId] = idsOf(first);
  expect(idsOf(second).slice(0, 2)).toEqual([user, withId]);
  expect(new Set([...idsOf(first), ...idsOf(second)]).size).toBe(4);
  expect(withoutId).not.toBe(idsOf(second)[2]);
});

test('the same id of the orderer in another tenant is another user', async () => {
  const order = { ...income, user: { externalId: 'u-9' } };
  const created = await Promise.all(
    [{}, { environment: 'production' as const }, { organizationId: randomUUID() }].map((options) =>
      api.client(options).create(order),
    ),
  );
  expect(new Set(created.map(({ userId }) => userId)).size).toBe(3);
});

test('a request with the same Idempotency-Key makes one order, also when both come at once', async () => {
  const client = api.client();
  const order = { ...income, user: { externalId: 'u-2' } };
  const created = await Promise.all(
    Array.from({ length: 6 }, () => client.create(order, 'order-once')),
  );
  expect(new Set(created.map(({ id }) => id)).size).toBe(1);
  expect(await client.create(order, 'order-once')).toEqual(created[0]);
  const { items } = await client.orders({ userId: created[0]!.userId! });
  expect(items).toHaveLength(1);
  expect(api.awaited.filter((id) => id === created[0]!.id)).toHaveLength(7);
});

test('another request with the same Idempotency-Key is refused', async () => {
  const headers = { 'idempotency-key': 'once' };
  await api.send('POST orders', { body: income, headers });
  expect(await api.send('POST orders', { body: both, headers })).toMatchObject({
    status: 422,
    body: { code: 'IDEMPOTENCY_KEY_REUSED' },
  });
});

test('an order that is not published in time is stored: the same request gets it later', async () => {
  let isAway = true;
  const slow = await StartedOrderApi.start({
    published: async (orderId) => {
      if (isAway) throw new NotPublished(orderId);
    },
  });
  try {
    const request = { body: income, headers: { 'idempotency-key': 'later' } };
    const refused = await slow.send('POST orders', request);
    expect(refused).toMatchObject({ status: 503, body: { code: 'EVENTS_NOT_PUBLISHED' } });
    const { items } = await slow.client().orders();
    expect(items).toHaveLength(1);
    expect(await slow.send('POST orders', request)).toMatchObject({ status: 503 });
    isAway = false;
    const created = await slow.send('POST orders', request);
    expect(created).toMatchObject({ status: 201, body: { id: items[0]!.id } });
    expect((await slow.client().orders()).items).toHaveLength(1);
  } finally {
    await slow.stop();
  }
});

test('the response waits until the events of the order are published', async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const asked = Promise.withResolvers<string>();
  const waiting = await StartedOrderApi.start({
    published: (orderId) => (asked.resolve(orderId), promise),
  });
  try {
    let isAnswered = false;
    const created = waiting
      .client()
      .create(income)
      .finally(() => (isAnswered = true));
    const orderId = await asked.promise;
    // The order is committed before the wait begins, so that the relay finds its events.
    expect(await waiting.client().order(orderId)).toMatchObject({ status: 'pending' });
    expect(isAnswered).toBe(false);
    resolve();
    expect(await created).toMatchObject({ id: orderId });
  } finally {
    await waiting.stop();
  }
});
