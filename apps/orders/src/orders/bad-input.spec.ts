import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import {
  badInformation,
  badOrders,
  badQueries,
  badRefreshes,
  badTemplateIds,
  badTemplates,
} from '../../test/bad-input.ts';
import { StartedOrderApi, type Answer } from '../../test/started-order-api.ts';

let api: StartedOrderApi;
let orderId: string;
let verificationId: string;
beforeAll(async () => {
  api = await StartedOrderApi.start();
  const order = await api.client().create({ templateId: 'casewire.income' });
  orderId = order.id;
  verificationId = order.verifications[0]!.id;
  await api.fail(orderId, verificationId);
  const verifications = [
    { name: 'tax', method: 'documents' as const, documentTypes: ['invoice' as const] },
  ];
  await api.client().createTemplate({ id: 'kept', title: 'Kept', verifications });
});
afterAll(() => api.stop());

/** How many rows each table has: a refused request leaves none. */
async function rowCounts(): Promise<unknown> {
  const tables = ['domain_event', 'template', 'order_number', 'order_private', 'employer_private'];
  const more = ['information_private', 'idempotency_key', 'response_subject'];
  const counts = [...tables, ...more].map((table) => `(select count(*) from ${table}) as ${table}`);
  return (await api.pool.query(`select ${counts.join(', ')}`)).rows[0];
}

async function refused(request: string, body: unknown, field: string): Promise<void> {
  const before = await rowCounts();
  const headers = request.startsWith('POST') ? { 'idempotency-key': randomUUID() } : {};
  const answer: Answer = await api.send(request, { body, headers });
  expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
  expect(answer.body.errors).toContainEqual({ field, rule: expect.stringMatching(/\S/) });
  expect(await rowCounts()).toEqual(before);
}

describe('a new order is refused with', () => {
  test.each(badOrders)('%s', (_, body, field) => refused('POST orders', body, field));
});

describe('a new template is refused with', () => {
  test.each([...badTemplates, ...badTemplateIds])('%s', (_, body, field) =>
    refused('POST templates', body, field),
  );
});

describe('a new version of a template is refused with', () => {
  test.each(badTemplates)('%s', (_, body, field) => {
    const { id: _id, ...content } = body as { id: string };
    return refused('POST templates/kept/versions', content, field);
  });
});

describe('information is refused with', () => {
  test.each(badInformation)('%s', (_, body, field) =>
    refused(`POST verifications/${verificationId}/information`, body, field),
  );
});

describe('a refresh is refused with', () => {
  test.each(badRefreshes)('%s', (_, body, field) =>
    refused(`POST orders/${orderId}/refresh`, body, field),
  );
});

describe('a read is refused with', () => {
  test.each(badQueries)('%s', (_, path, field) => refused(`GET ${String(path)}`, undefined, field));
});

test.each([
  'orders',
  'orders/:id/cancel',
  'orders/:id/refresh',
  'templates',
  'templates/kept/versions',
  'verifications/:id/approve',
  'verifications/:id/refuse',
  'verifications/:id/cancel',
  'verifications/:id/information',
])('POST %s refuses an invalid Idempotency-Key and a body that is no JSON', async (route) => {
  const path = route.replace(':id', route.startsWith('orders') ? orderId : verificationId);
  const headers = { 'idempotency-key': 'a b' };
  const answer = await api.send(`POST ${path}`, { headers, body: {} });
  // Whatever is looked at first, nothing is stored.
  expect([answer.status, answer.body.code]).toEqual([
    400,
    expect.stringMatching(/^(?:IDEMPOTENCY_KEY_INVALID|VALIDATION_FAILED)$/),
  ]);
  const response = await fetch(`${api.url}/orders/v1/${path}`, {
    method: 'POST',
    headers: { 'x-api-key': api.key(), 'content-type': 'application/json' },
    body: '{"templateId":',
  });
  expect([response.status, await response.json()]).toMatchObject([400, { code: 'MALFORMED_JSON' }]);
});
