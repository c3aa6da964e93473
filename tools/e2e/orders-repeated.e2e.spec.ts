import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { newTemplate, OrderTrial, versionOf } from './order-trial.ts';
import { TestPlatform } from './test-platform.ts';

let platform: TestPlatform;
beforeAll(async () => {
  platform = await TestPlatform.start();
});
afterAll(() => platform?.stop());

interface Route {
  /** Prepares what the request is about. @returns the path after `/orders/v1/` */
  prepare: (trial: OrderTrial) => Promise<string>;
  body?: unknown;
  /** Another body for the same path. */
  other?: unknown;
  status: number;
}

const verification = (action: string, templateId: 'invoice' | 'approved') => ({
  prepare: async (trial: OrderTrial) =>
    `verifications/${(await trial.order(templateId)).verificationId}/${action}`,
  status: 200,
});
const template = newTemplate('one');

const routes: Record<string, Route> = {
  'POST templates': {
    prepare: async () => 'templates',
    body: template,
    other: { ...template, title: 'two' },
    status: 201,
  },
  'POST templates/:id/versions': {
    prepare: async () => 'templates/invoice/versions',
    body: versionOf('one'),
    other: versionOf('two'),
    status: 201,
  },
  'POST orders': {
    prepare: async () => 'orders',
    body: { templateId: 'invoice', user: { name: 'Ana' } },
    other: { templateId: 'invoice', user: { name: 'Ben' } },
    status: 201,
  },
  'POST orders/:id/cancel': {
    prepare: async (trial) => `orders/${(await trial.order()).orderId}/cancel`,
    status: 200,
  },
  'POST orders/:id/refresh': {
    prepare: async (trial) => `orders/${(await trial.orderAfterCase('completed')).orderId}/refresh`,
    body: {},
    other: { verificationIds: [randomUUID()] },
    status: 202,
  },
  'POST verifications/:id/approve': verification('approve', 'approved'),
  'POST verifications/:id/refuse': verification('refuse', 'approved'),
  'POST verifications/:id/cancel': verification('cancel', 'invoice'),
  'POST verifications/:id/information': {
    prepare: async (trial) =>
      `verifications/${(await trial.orderAfterCase('action-required')).verificationId}/information`,
    body: { data: { note: 'one' } },
    other: { data: { note: 'two' } },
    status: 200,
  },
};

test('every POST of the API is one of these routes', async () => {
  const document = (await (await fetch(`${platform.url}/orders/v1/openapi.json`)).json()) as {
    paths: Record<string, object>;
  };
  const posts = Object.entries(document.paths)
    .filter(([, item]) => 'post' in item)
    .map(([path]) => `POST ${path.replace('/orders/v1/', '').replace('{id}', ':id')}`);
  expect(Object.keys(routes).toSorted()).toEqual(posts.toSorted());
});

describe.each(Object.entries(routes))('%s with an Idempotency-Key', (_, route) => {
  test('is carried out once: in turn, at the same time, and never for another body', async () => {
    const trial = await OrderTrial.start(platform);
    const path = await route.prepare(trial);
    const request = { path, body: route.body, idempotencyKey: randomUUID() };
    const [first, second] = await Promise.all([trial.send(request), trial.send(request)]);
    expect(first.status).toBe(route.status);
    expect(second).toEqual(first);
    expect(await trial.send(request)).toEqual(first);
    const different =
      route.other === undefined
        ? { path: 'orders', body: { templateId: 'invoice' } }
        : { path, body: route.other };
    const before = await trial.orders.orders();
    expect(await trial.send({ ...request, ...different })).toMatchObject({
      status: 422,
      body: { code: 'IDEMPOTENCY_KEY_REUSED' },
    });
    expect((await trial.orders.orders()).items).toHaveLength(before.items.length);
  });

  test.each(['', 'x'.repeat(256), 'a b\u00e9'])('refuses the key %j', async (idempotencyKey) => {
    const trial = await OrderTrial.start(platform);
    const path = await route.prepare(trial);
    const before = await trial.state();
    expect(await trial.send({ path, body: route.body, idempotencyKey })).toMatchObject({
      status: 400,
      body: { code: 'IDEMPOTENCY_KEY_INVALID', errors: [{ field: 'Idempotency-Key' }] },
    });
    expect(await trial.state()).toEqual(before);
  });
});

test('a request that is sent twice at the same time has one effect', async () => {
  const trial = await OrderTrial.start(platform);
  const { verificationId } = await trial.orderAfterCase('action-required');
  const twice = (path: string, body: unknown) => {
    const request = { path, body, idempotencyKey: randomUUID() };
    return Promise.all([trial.send(request), trial.send(request)]);
  };
  await twice(`verifications/${verificationId}/information`, { data: { note: 'one' } });
  expect((await trial.orders.verification(verificationId)).information).toHaveLength(1);
  await twice('templates/invoice/versions', versionOf('two'));
  expect(await trial.orders.template('invoice')).toMatchObject({ version: 2 });
  await twice('orders', { templateId: 'invoice' });
  expect((await trial.orders.orders()).items).toHaveLength(2);
});

test('the key of an action on one order is refused on another order, and is free for another organization', async () => {
  const [one, two] = [await OrderTrial.start(platform), await OrderTrial.start(platform)];
  const idempotencyKey = randomUUID();
  const cancel = async (trial: OrderTrial) => {
    const { orderId } = await trial.order();
    const sent = await trial.send({ path: `orders/${orderId}/cancel`, idempotencyKey });
    return [sent.status, (await trial.orders.order(orderId)).status];
  };
  expect(await cancel(one)).toEqual([200, 'canceled']);
  expect(await cancel(two)).toEqual([200, 'canceled']);
  expect(await cancel(one)).toEqual([422, 'pending']);
});

test('a refused action leaves its key free', async () => {
  const trial = await OrderTrial.start(platform);
  const { verificationId } = await trial.order();
  const path = `verifications/${verificationId}`;
  const request = { idempotencyKey: randomUUID() };
  for (let i = 0; i < 2; i++)
    expect(await trial.send({ ...request, path: `${path}/approve` })).toMatchObject({
      status: 409,
      body: { code: 'TRANSITION_NOT_ALLOWED' },
    });
  expect(await trial.send({ ...request, path: `${path}/cancel` })).toMatchObject({ status: 200 });
});

test('after the deletion of its order no stored response is given again, and no request is carried out again', async () => {
  const trial = await OrderTrial.start(platform);
  const keys = [randomUUID(), randomUUID(), randomUUID()];
  const creation = { templateId: 'invoice', user: { name: 'forgotten' } };
  const { id, verifications } = await trial.orders.create(creation, keys[0]);
  await trial.orders.cancelVerification(verifications[0]!.id, keys[1]);
  await trial.orders.cancel(id, keys[2]);
  await trial.orders.remove(id);
  for (const repeat of [
    () => trial.orders.create(creation, keys[0]),
    () => trial.orders.cancelVerification(verifications[0]!.id, keys[1]),
    () => trial.orders.cancel(id, keys[2]),
  ])
    await expect(repeat()).rejects.toMatchObject({
      status: 409,
      problem: { code: 'RESPONSE_ERASED' },
    });
  expect((await trial.orders.orders()).items).toEqual([]);
});
