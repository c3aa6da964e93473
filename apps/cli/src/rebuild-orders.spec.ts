import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import { OperatorClient, OrderClient } from '@casewire/client';
import { startPlatform, type Platform } from '@casewire/standalone';
import { testFolder } from '@casewire/testing';
import { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';

import { run } from './cli.ts';

const directory = testFolder('rebuild-orders');
let platform: Platform;
let url: string;
let database: Pool;
let orders: OrderClient;
let orderId: string;
beforeAll(async () => {
  const postgres = { url: inject('postgresUrl'), prefix: `r${randomUUID().slice(0, 8)}_` };
  const env = { LOG_LEVEL: 'error' };
  platform = await startPlatform({ directory, postgres, stages: [], env });
  url = platform.dependencies.databaseUrl('casewire_orders');
  database = new Pool({ connectionString: url });
  const operator = new OperatorClient(platform.url, platform.operatorKey);
  const { id: organizationId } = await operator.createOrganization({ name: 'Acme' });
  const { key } = await operator.createApiKey(organizationId, { environment: 'sandbox' });
  orders = new OrderClient(platform.url, key);
  ({ id: orderId } = await orders.create({ templateId: 'casewire.income', user: { name: 'Ana' } }));
  const { id } = await orders.create({ templateId: 'casewire.income-outreach' });
  await orders.cancel(id);
}, 60_000);
afterAll(async () => {
  await database?.end();
  await platform?.stop();
});
beforeEach(() => setStatus('pending'));

const setStatus = (status: string) =>
  database.query('update order_view set status = $2 where id = $1', [orderId, status]);

async function rebuild(...args: string[]) {
  const [output, errors]: string[][] = [[], []];
  const code = await run(
    ['orders', 'rebuild', ...args],
    { ORDERS_DATABASE_URL: url },
    {
      print: (line) => void output!.push(line),
      error: (line) => void errors!.push(line),
    },
  );
  return { code, output: output!.join('\n'), errors: errors!.join('\n') };
}

test('the read model of orders is as the domain events say, while the service runs', async () => {
  const { code, output, errors } = await rebuild();
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  expect(output).toMatch(/^2 orders with \d+ domain events$/m);
});

test('a row that differs is counted by its table, and is replaced only with --replace; private data stay', async () => {
  await setStatus('failed');
  expect(await rebuild()).toMatchObject({
    code: 1,
    output: expect.stringMatching(/^order_view +1 +1$/m),
  });
  expect(await orders.order(orderId)).toMatchObject({ status: 'failed' });
  expect(JSON.parse((await rebuild('--replace', '--json')).output)).toMatchObject({
    streams: 2,
    differences: [{ table: 'order_view', missing: 1, unexpected: 1 }],
    replaced: true,
  });
  expect(await orders.order(orderId)).toMatchObject({ status: 'pending', user: { name: 'Ana' } });
  expect((await rebuild()).code).toBe(0);
});

test('the rebuild of orders names its own variable and its own usage', async () => {
  const errors: string[] = [];
  const terminal = { print: () => undefined, error: (line: string) => void errors.push(line) };
  const env = { CASES_DATABASE_URL: url, CASEWIRE_DIRECTORY: '/nowhere' };
  expect(await run(['orders', 'rebuild'], env, terminal)).toBe(2);
  expect(errors.join('\n')).toMatch(/ORDERS_DATABASE_URL: is needed/);
  expect(errors.join('\n')).toContain('orders rebuild [--replace] [--json]');
});
