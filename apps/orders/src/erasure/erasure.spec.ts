import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { StartedOrderApi } from '../../test/started-order-api.ts';
import { cleanUp } from './clean-up.ts';

let api: StartedOrderApi;
beforeAll(async () => (api = await StartedOrderApi.start()));
afterAll(() => api.stop());

/** An order with a marker in every field of personal data, and with requests whose responses were stored. */
async function markedOrder(marker: string) {
  const client = api.client();
  const order = await client.create(
    {
      templateId: 'casewire.income-and-assets',
      user: {
        externalId: `${marker}-user`,
        name: `${marker} García`,
        email: `${marker}@example.com`,
        phone: `${marker}-phone`,
      },
      metadata: { [`${marker}-key`]: `${marker}-value` },
      verifications: [
        { name: 'income', employer: { externalId: `${marker}-employer`, name: `${marker} Ltd` } },
      ],
      correlationId: `${marker}-correlation`,
    },
    `${marker}-create`,
  );
  const [income, assets] = order.verifications.map(({ id }) => id) as [string, string];
  await api.fail(order.id, income);
  await client.giveInformation(
    income,
    { [`${marker}-asked`]: `${marker}-said` },
    `${marker}-information`,
  );
  await api.succeed(order.id, assets);
  return { order, income, client };
}

/** Where a text is in the database, outside the keys of stored responses. */
async function tablesWith(text: string): Promise<string[]> {
  const { rows } = await api.pool.query<{ name: string }>(
    `select table_name as name from information_schema.tables where table_schema = 'public' and table_type = 'BASE TABLE'`,
  );
  const found: string[] = [];
  for (const { name } of rows) {
    const columns =
      name === 'idempotency_key' || name === 'response_subject'
        ? `to_jsonb(t) - 'key'`
        : 'to_jsonb(t)';
    const { rowCount } = await api.pool.query(
      `select from ${name} t where (${columns})::text ilike '%' || $1 || '%'`,
      [text],
    );
    if (rowCount! > 0) found.push(name);
  }
  return found.toSorted();
}

test('after the deletion of an order no table has its personal data', async () => {
  const marker = `m${randomUUID().slice(0, 8)}`;
  const { order, client } = await markedOrder(marker);
  expect(await tablesWith(marker)).toEqual([
    'employer_private',
    'information_private',
    'order_private',
  ]);
  await client.remove(order.id);
  expect(await tablesWith(marker)).toEqual([]);
});

test('stored responses about a deleted order are erased, and their requests are not executed again', async () => {
  const marker = `m${randomUUID().slice(0, 8)}`;
  const { order, client } = await markedOrder(marker);
  await client.remove(order.id);
  const { rows } = await api.pool.query<{ responses: number }>(
    `select count(i.response)::int as responses from response_subject s
     join idempotency_key i on i.caller = s.caller and i.key = s.key where s.subject_id = $1`,
    [order.id],
  );
  expect(rows).toEqual([{ responses: 0 }]);
  const body = { templateId: 'casewire.income' };
  const headers = { 'idempotency-key': 'once' };
  const { body: created } = await api.send('POST orders', { body, headers });
  await client.remove(String(created.id));
  expect(await api.send('POST orders', { body, headers })).toMatchObject({
    status: 409,
    body: { code: 'RESPONSE_ERASED' },
  });
});

test('a deleted order does not exist for any route', async () => {
  const { order, income, client } = await markedOrder('deleted');
  await client.remove(order.id);
  const requests = [
    `GET orders/${order.id}`,
    `DELETE orders/${order.id}`,
    `POST orders/${order.id}/cancel`,
    `GET verifications/${income}`,
    `POST verifications/${income}/approve`,
    `POST verifications/${income}/refuse`,
    `POST verifications/${income}/cancel`,
  ];
  for (const request of requests)
    expect(await api.send(request)).toMatchObject({ status: 404, body: { code: 'NOT_FOUND' } });
  const refreshed = await api.send(`POST orders/${order.id}/refresh`, { body: {} });
  expect(refreshed).toMatchObject({ status: 404 });
  const information = { body: { data: { a: 1 } } };
  expect(await api.send(`POST verifications/${income}/information`, information)).toMatchObject({
    status: 404,
  });
  const { items } = await client.orders({ number: order.number });
  expect(items).toEqual([]);
  expect((await client.orders({ limit: 100 })).items.map(({ id }) => id)).not.toContain(order.id);
});

test('the deletion of an order commands the deletion of its cases', async () => {
  const { order, client } = await markedOrder('commands');
  const { verifications } = await client.order(order.id);
  const caseIds = verifications.flatMap(({ tasks }) => tasks.map(({ caseId }) => caseId));
  await client.remove(order.id);
  const { rows } = await api.pool.query<{ case_id: string }>(
    `select data->>'caseId' as case_id from domain_event
     where stream_id = $1 and type = 'CaseCommandIssued' and data->>'command' = 'DeleteCase'`,
    [order.id],
  );
  expect(rows.map((row) => row.case_id).toSorted()).toEqual(caseIds.toSorted());
  expect(caseIds).toHaveLength(2);
});

test('of two deletions at the same time one finds the order, and its private data are stored by no late request', async () => {
  for (let round = 0; round < 5; round++) {
    const marker = `late${randomUUID().slice(0, 8)}`;
    const { order, income } = await markedOrder(marker);
    await api.fail(order.id, income);
    const [first, second, given] = await Promise.all([
      api.send(`DELETE orders/${order.id}`),
      api.send(`DELETE orders/${order.id}`),
      api.send(`POST verifications/${income}/information`, {
        body: { data: { answer: marker } },
        headers: { 'idempotency-key': marker },
      }),
    ]);
    expect([first.status, second.status].toSorted((a, b) => a - b)).toEqual([204, 404]);
    expect([200, 404]).toContain(given.status);
    expect(await tablesWith(marker)).toEqual([]);
  }
});

const consumedAt = (id: string, days: number) =>
  api.pool.query(
    `insert into consumed_event (source, id, consumed_at) values ('cases', $1, now() - make_interval(days => $2))`,
    [id, days],
  );

test('the clean-up deletes what is old, and only that', async () => {
  const headers = { 'idempotency-key': 'old' };
  const body = { templateId: 'casewire.income' };
  const { body: old } = await api.send('POST orders', { body, headers });
  await api.pool.query(
    `update idempotency_key set created_at = now() - interval '25 hours' where key = 'old'`,
  );
  await api.pool.query(
    `update response_subject set created_at = now() - interval '25 hours' where key = 'old'`,
  );
  const young = { body, headers: { 'idempotency-key': 'young' } };
  const { body: created } = await api.send('POST orders', young);
  await consumedAt('old', 31);
  await consumedAt('young', 29);
  await cleanUp(api.pool);
  expect((await api.send('POST orders', young)).body.id).toBe(created.id);
  expect((await api.send('POST orders', { body, headers })).body.id).not.toBe(old.id);
  const { rows } = await api.pool.query(`select id from consumed_event where source = 'cases'`);
  expect(rows).toEqual([{ id: 'young' }]);
  const subjects = await api.pool.query(
    'select subject_id from response_subject where subject_id = $1',
    [old.id],
  );
  expect(subjects.rows).toEqual([]);
});
