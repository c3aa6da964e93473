import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import { OrderView } from '@casewire/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { StartedOrderApi } from '../../test/started-order-api.ts';

let api: StartedOrderApi;
beforeAll(async () => (api = await StartedOrderApi.start()));
afterAll(() => api.stop());

const both = { templateId: 'casewire.income-and-assets' };
const ids = ({ verifications }: OrderView) => verifications.map(({ id }) => id);

/** An order whose first verification is completed by a case. */
async function halfCompleted() {
  const order = await api.client().create({
    ...both,
    verifications: [{ name: 'income', employer: { externalId: 'acme' } }],
  });
  const [income, assets] = ids(order) as [string, string];
  const caseId = await api.succeed(order.id, income);
  return { id: order.id, income, assets, caseId };
}

test('a successful task makes a report, both with links to the case', async () => {
  const { id, income, assets, caseId } = await halfCompleted();
  const order = await api.client().order(id);
  OrderView.parse(order);
  const links = {
    case: `/partner/v1/cases/${caseId}`,
    results: `/partner/v1/cases/${caseId}/results`,
  };
  const [first, second] = order.verifications;
  expect(first).toMatchObject({ id: income, state: 'completed', allowed: ['submit_documents'] });
  expect(first!.tasks).toMatchObject([
    {
      verificationId: income,
      caseId,
      status: 'succeeded',
      reason: null,
      trackingInfo: first!.employerId,
      links,
    },
  ]);
  expect(second).toMatchObject({ id: assets, state: 'processing', tasks: [] });
  expect(order.reports).toMatchObject([
    { verificationId: income, taskId: first!.tasks[0]!.id, caseId, links },
  ]);
  expect(order).toMatchObject({ status: 'processing', completedAt: null });
});

test('tasks and reports are shown oldest first, failed tasks with their reason', async () => {
  const { id, income, assets, caseId } = await halfCompleted();
  const failed = await api.fail(id, assets);
  const again = await api.succeed(id, income);
  const order = await api.client().order(id);
  expect(order.verifications[0]!.tasks.map((task) => task.caseId)).toEqual([caseId, again]);
  expect(order.verifications[1]!.tasks).toMatchObject([
    { caseId: failed, status: 'failed', reason: 'CASE_FAILED', trackingInfo: null },
  ]);
  expect(order.reports.map((report) => report.caseId)).toEqual([caseId, again]);
});

test('a canceled order keeps what is completed, and is completed itself', async () => {
  const { id } = await halfCompleted();
  const canceled = await api.client().cancel(id);
  expect(canceled).toMatchObject({ status: 'completed', completedAt: expect.any(String) });
  expect(canceled.verifications.map(({ state }) => state)).toEqual(['completed', 'canceled']);
  expect(await api.client().order(id)).toEqual(canceled);
});

test('an order of which nothing is completed is canceled as a whole', async () => {
  const { id } = await api.client().create(both);
  expect(await api.client().cancel(id)).toMatchObject({ status: 'canceled' });
});

test('a completed order is not canceled', async () => {
  const order = await api.client().create({ templateId: 'casewire.income' });
  await api.succeed(order.id, ids(order)[0]!);
  expect(await api.send(`POST orders/${order.id}/cancel`)).toMatchObject({
    status: 409,
    body: { code: 'ORDER_COMPLETED' },
  });
});

test('a refresh is accepted for all that is completed, and shown until it ends', async () => {
  const { id } = await halfCompleted();
  const answer = await api.send(`POST orders/${id}/refresh`, { body: {} });
  expect(answer).toMatchObject({ status: 202, body: { refresh: { status: 'processing' } } });
  const order = await api.client().order(id);
  const [task] = order.verifications[0]!.tasks;
  expect(order.refresh).toMatchObject({
    status: 'processing',
    taskIds: [task!.id],
    requestedBy: { name: 'Back office' },
    finishedAt: null,
  });
  expect(task).toMatchObject({ status: 'refreshing' });
});

test('one refresh runs at a time, also of two that are requested at once', async () => {
  const { id, income } = await halfCompleted();
  const body = { verificationIds: [income] };
  const answers = await Promise.all(
    [1, 2].map(() => api.send(`POST orders/${id}/refresh`, { body })),
  );
  expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([202, 409]);
  expect(answers.find(({ status }) => status === 409)).toMatchObject({
    body: { code: 'REFRESH_IN_PROGRESS' },
  });
});

test('a refresh of what is not completed is refused', async () => {
  const { id, assets } = await halfCompleted();
  const selected = { body: { verificationIds: [assets] } };
  expect(await api.send(`POST orders/${id}/refresh`, selected)).toMatchObject({ status: 409 });
  const fresh = await api.client().create(both);
  expect(await api.send(`POST orders/${fresh.id}/refresh`, { body: {} })).toMatchObject({
    status: 409,
    body: { code: 'NOTHING_TO_REFRESH' },
  });
  expect(await api.client().order(fresh.id)).toEqual(fresh);
});

test('a refresh names each verification that the order does not have', async () => {
  const { id, income } = await halfCompleted();
  const other = await halfCompleted();
  const body = { verificationIds: [income, other.income, randomUUID()] };
  expect(await api.send(`POST orders/${id}/refresh`, { body })).toMatchObject({
    status: 400,
    body: { errors: [{ field: 'verificationIds.1' }, { field: 'verificationIds.2' }] },
  });
  expect(await api.client().order(id)).toMatchObject({ refresh: null });
});

test('a request with the same Idempotency-Key cancels or refreshes once', async () => {
  const { id } = await halfCompleted();
  const client = api.client();
  const refreshed = await client.refresh(id, {}, 'refresh-once');
  expect(await client.refresh(id, {}, 'refresh-once')).toEqual(refreshed);
  const canceled = await client.cancel(id, 'cancel-once');
  expect(await client.cancel(id, 'cancel-once')).toEqual(canceled);
});

test('an order of another tenant does not exist', async () => {
  const { id } = await halfCompleted();
  const before = await api.client().order(id);
  const keys = [api.key({ organizationId: randomUUID() }), api.key({ environment: 'production' })];
  const requests = ['GET ', 'DELETE ', 'POST /cancel', 'POST /refresh'].map((one) =>
    one.replace(' ', ` orders/${id}`),
  );
  for (const key of keys)
    for (const request of requests)
      expect(
        await api.send(request, { key, body: request.endsWith('h') ? {} : undefined }),
      ).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  expect(await api.client().order(id)).toEqual(before);
});

test.each([
  ['GET orders', 'orders:read'],
  ['GET orders/:id', 'orders:read'],
  ['GET verifications/:id', 'orders:read'],
  ['GET templates', 'orders:read'],
  ['GET templates/casewire.income', 'orders:read'],
  ['POST templates', 'orders:write'],
  ['POST templates/tax/versions', 'orders:write'],
  ['POST orders', 'orders:write'],
  ['POST orders/:id/cancel', 'orders:write'],
  ['POST orders/:id/refresh', 'orders:write'],
  ['DELETE orders/:id', 'orders:write'],
  ['POST verifications/:id/approve', 'orders:approve'],
  ['POST verifications/:id/refuse', 'orders:approve'],
  ['POST verifications/:id/cancel', 'orders:write'],
  ['POST verifications/:id/information', 'orders:write'],
] as const)('%s needs a key with %s', async (route, scope) => {
  const request = route.replace(':id', randomUUID());
  const all = ['orders:read', 'orders:write', 'orders:approve'] as const;
  const scopes = all.filter((one) => one !== scope);
  expect(await api.send(request, { key: api.key({ scopes }) })).toMatchObject({
    status: 403,
    body: { code: 'SCOPE_MISSING', detail: expect.stringContaining(scope) },
  });
  const withoutKey = await api.send(request, { key: '' });
  expect(withoutKey).toMatchObject({ status: 401 });
  const answer = await api.send(request, { key: api.key({ scopes: [scope] }) });
  expect([401, 403]).not.toContain(answer.status);
});
