import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import { OperatorClient, OrderClient, PartnerClient } from '@casewire/client';
import { generate } from '@casewire/samples';
import { startPlatform, type Platform } from '@casewire/standalone';
import { testFolder } from '@casewire/testing';
import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';

import { run } from './cli.ts';
import { reconcile as compare } from './orders-and-cases/reconcile.ts';

type SubmittedCase = Record<'orderId' | 'verificationId' | 'caseId', string>;

const directory = testFolder('reconcile-orders');
let platform: Platform;
let databases: { orders: Pool; cases: Pool };
let env: Record<string, string>;
/** A case that is under way, and one of a deleted order. */
let ids: SubmittedCase;
let deleted: SubmittedCase;

beforeAll(async () => {
  const postgres = { url: inject('postgresUrl'), prefix: `c${randomUUID().slice(0, 8)}_` };
  platform = await startPlatform({ directory, postgres, stages: [], env: { LOG_LEVEL: 'error' } });
  env = {
    ORDERS_DATABASE_URL: platform.dependencies.databaseUrl('casewire_orders'),
    CASES_DATABASE_URL: platform.dependencies.databaseUrl('casewire_cases'),
  };
  databases = {
    orders: new Pool({ connectionString: env.ORDERS_DATABASE_URL }),
    cases: new Pool({ connectionString: env.CASES_DATABASE_URL }),
  };
  const operator = new OperatorClient(platform.url, platform.operatorKey);
  const { id: organizationId } = await operator.createOrganization({ name: 'Acme' });
  const { key } = await operator.createApiKey(organizationId, { environment: 'sandbox' });
  const orders = new OrderClient(platform.url, key);
  const partner = new PartnerClient(platform.url, key);
  const submitted = async (): Promise<SubmittedCase> => {
    const { id: orderId, verifications } = await orders.create({ templateId: 'casewire.income' });
    const verificationId = verifications[0]!.id;
    const { fileName, bytes } = await generate('payslip', { seed: 1 });
    const files = [{ name: fileName, bytes }];
    const { id: caseId } = await partner.submit({ files, verificationId });
    await vi.waitFor(
      async () => expect((await orders.verification(verificationId)).tasks).toHaveLength(1),
      { timeout: 30_000, interval: 50 },
    );
    return { orderId, verificationId, caseId };
  };
  ids = await submitted();
  deleted = await submitted();
  await orders.remove(deleted.orderId);
  await orders.cancel((await submitted()).orderId);
}, 60_000);
afterAll(async () => {
  await databases?.orders.end();
  await databases?.cases.end();
  await platform?.stop();
});

async function reconcile(args: string[] = [], over: NodeJS.ProcessEnv = env) {
  const [output, errors]: string[][] = [[], []];
  const code = await run(['orders', 'reconcile', ...args], over, {
    print: (line) => void output!.push(line),
    error: (line) => void errors!.push(line),
  });
  return { code, output: output!.join('\n'), errors: errors!.join('\n') };
}

test('orders and cases agree once events and commands have arrived: it exits with 0', async () => {
  expect(await reconcile(['--wait', '30'])).toEqual({
    code: 0,
    output: '3 verifications, 3 tasks\norders and cases agree',
    errors: '',
  });
  expect(JSON.parse((await reconcile(['--json'])).output)).toMatchObject({
    verifications: 3,
    tasks: 3,
    disagreements: { case_missing: 0, task_missing: 0, status_differs: 0 },
    agree: true,
  });
});

const foreign = '00000000-0000-4000-8000-000000000000';

/** The tables in which something is planted, with the columns that are changed. */
const tables = {
  task_view: { database: 'orders', key: 'case_id', columns: ['status'] },
  case_view: {
    database: 'cases',
    key: 'id',
    columns: ['status', 'verification_id', 'environment'],
  },
  verification: {
    database: 'cases',
    key: 'id',
    columns: ['state', 'deleted', 'order_id', 'environment'],
  },
} as const;

/** Changes a row, does the work, and puts the row back as it was. */
async function planted<T>(
  table: keyof typeof tables,
  change: string,
  work: () => Promise<T>,
): Promise<T> {
  const { database, key, columns } = tables[table];
  const id = table === 'verification' ? ids.verificationId : ids.caseId;
  const pool = databases[database];
  const { rows } = await pool.query<{ row: object }>(
    `select to_jsonb(t) as row from ${table} t where ${key} = $1`,
    [id],
  );
  const statement = change === 'delete' ? `delete from ${table}` : `update ${table} set ${change}`;
  await pool.query(`${statement} where ${key} = $1`, [id]);
  try {
    return await work();
  } finally {
    const back = columns.map((column) => `${column} = excluded.${column}`);
    await pool.query(
      `insert into ${table} select * from jsonb_populate_record(null::${table}, $1)
       on conflict (id) do update set ${back.join(', ')}`,
      [rows[0]!.row],
    );
  }
}

describe('a planted disagreement is found:', () => {
  test.each<[kind: string, table: keyof typeof tables, change: string, detail: string]>([
    ['task_missing', 'task_view', 'delete', 'cases: processing'],
    ['case_missing', 'case_view', 'verification_id = null', 'orders: processing'],
    ['case_differs', 'case_view', `verification_id = '${foreign}'`, `cases: for ${foreign}`],
    ['case_differs', 'case_view', `environment = 'production'`, 'cases: of'],
    ['status_differs', 'task_view', `status = 'succeeded'`, 'cases: processing, never completed'],
    ['status_differs', 'case_view', `status = 'canceled'`, 'orders: processing, cases: canceled'],
    ['verification_missing', 'verification', 'delete', 'orders: processing'],
    ['verification_differs', 'verification', `state = 'completed'`, 'cases: completed'],
    ['verification_differs', 'verification', 'deleted = true', 'cases: deleted'],
    ['verification_differs', 'verification', `order_id = '${foreign}'`, `of the order ${foreign}`],
    ['verification_differs', 'verification', `environment = 'production'`, 'cases: of'],
  ])('%s, by a change of %s: %s', async (kind, table, change, detail) => {
    const { code, output } = await planted(table, change, () => reconcile(['--json']));
    const lines = output.split('\n').map((line) => JSON.parse(line));
    expect({ code, lines }).toMatchObject({
      code: 1,
      lines: [
        {
          kind,
          verificationId: ids.verificationId,
          caseId: table === 'verification' ? null : ids.caseId,
          detail: expect.stringContaining(detail),
        },
        { agree: false, disagreements: { [kind]: 1 } },
      ],
    });
    expect((await reconcile()).code).toBe(0);
  });

  test('verification_unknown, which no order has', async () => {
    await databases.cases.query(
      `insert into verification (id, order_id, organization_id, environment, state) values ($1, $1, $1, 'sandbox', 'canceled')`,
      [foreign],
    );
    const { code, output } = await reconcile();
    await databases.cases.query('delete from verification where id = $1', [foreign]);
    expect(code).toBe(1);
    expect(output).toMatch(
      new RegExp(`^verification_unknown +${foreign} +${foreign} +- +cases: canceled$`, 'm'),
    );
    expect(output).toContain('orders and cases do not agree: verification_unknown 1');
  });

  test('status_differs, of a case that is there after its order was deleted', async () => {
    const { caseId, orderId, verificationId } = deleted;
    const setStatus = (status: string) =>
      databases.cases.query('update case_view set status = $2 where id = $1', [caseId, status]);
    await setStatus('canceled');
    const { code, output } = await reconcile(['--json']);
    await setStatus('deleted');
    expect(code).toBe(1);
    expect(JSON.parse(output.split('\n')[0]!)).toEqual({
      kind: 'status_differs',
      orderId,
      verificationId,
      caseId,
      detail: 'orders: the order is deleted, cases: canceled, never completed',
    });
  });

  test('and a case that came after the deletion of its order is none', async () => {
    const { rows } = await databases.orders.query<{ row: object }>(
      'delete from task_view where case_id = $1 returning to_jsonb(task_view) as row',
      [deleted.caseId],
    );
    const { code } = await reconcile();
    await databases.orders.query(
      'insert into task_view select * from jsonb_populate_record(null::task_view, $1)',
      [rows[0]!.row],
    );
    expect(code).toBe(0);
  });
});

test('tables that are larger than a page are read completely', async () => {
  const [orders, cases] = [await databases.orders.connect(), await databases.cases.connect()];
  try {
    expect(await compare({ orders, cases }, { pageSize: 1 })).toMatchObject({
      verifications: 3,
      tasks: 3,
    });
  } finally {
    orders.release();
    cases.release();
  }
});

test('it waits until they agree, at most as long as requested', async () => {
  let waiting: ReturnType<typeof reconcile>;
  await planted('verification', `state = 'completed'`, async () => {
    waiting = reconcile(['--wait', '30']);
    expect(await reconcile(['--wait', '1'])).toMatchObject({ code: 1 });
  });
  expect(await waiting!).toMatchObject({ code: 0 });
});

test.each([
  [['--all'], /--all/],
  [['now'], /now/],
  [['--wait', '-1'], /--wait/],
  [['--wait', 'long'], /--wait must be a number of seconds/],
])('%j is wrong usage', async (args, message) => {
  const { code, output, errors } = await reconcile(args);
  expect({ code, output }).toEqual({ code: 2, output: '' });
  expect(errors).toMatch(message);
  expect(errors).toContain('orders reconcile [--json] [--wait SECONDS]');
});

test('a missing or unreachable database is reported', async () => {
  const missing = await reconcile([], { CASEWIRE_DIRECTORY: '/nowhere' });
  expect(missing.code).toBe(2);
  expect(missing.errors).toMatch(/ORDERS_DATABASE_URL: is needed/);
  expect(missing.errors).toMatch(/CASES_DATABASE_URL: is needed/);
  const CASES_DATABASE_URL = 'postgres://user:word@127.0.0.1:1/none';
  const unreachable = await reconcile([], { ...env, CASES_DATABASE_URL });
  expect(unreachable).toMatchObject({ code: 2, errors: expect.stringMatching(/ECONNREFUSED/) });
  expect(unreachable.errors).not.toContain('word');
});
