import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { resolve } from 'node:path';
import { promisify } from 'node:util';

import { deliveryDatabase, type DeliveryDatabase } from '@casewire/webhook-delivery/testing';
import { drain } from '@casewire/webhook-delivery/testing';
import { endpoint, organizationId, Partition } from '@casewire/webhook-delivery/testing';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';

import { run } from './cli.ts';

let database: DeliveryDatabase;
beforeAll(async () => {
  database = await deliveryDatabase();
});
afterEach(() => database.clear());
afterAll(() => database.drop());

const hourAgo = () => new Date(Date.now() - 3_600_000).toISOString();

/** Runs a command; its output, its errors and its exit code. */
async function casewire(args: string[], env: NodeJS.ProcessEnv = {}) {
  const [output, errors]: string[][] = [[], []];
  const code = await run(
    args,
    { DELIVERY_DATABASE_URL: database.url, ...env },
    {
      print: (line) => void output!.push(line),
      error: (line) => void errors!.push(line),
    },
  );
  return { code, output: output!.join('\n'), errors: errors!.join('\n') };
}
const reconcile = (...args: string[]) => casewire(['deliveries', 'reconcile', ...args]);

test('G5 it exits with 0 if every event is settled at every endpoint', async () => {
  await database.store.ingest(new Partition().batch([endpoint(), endpoint()], {}, {}));
  await drain(database.store);
  const { code, output, errors } = await reconcile('--since', hourAgo());
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  expect(output).toContain('2 events since');
  expect(output).toMatch(/^events +4( +0){9}$/m);
  expect(output).toContain('every event is settled');
});

test('G5 it exits with 1 if any is not settled, and lists open and lost deliveries with the reason', async () => {
  const { store, pool } = database;
  const to = endpoint();
  const batch = new Partition().batch([to], {}, {}, {});
  await store.ingest(batch);
  await pool.query('delete from delivery where seq = 3');
  const { code, output } = await reconcile('--since', hourAgo());
  expect(code).toBe(1);
  const [first, , third] = batch.events.map(({ event }) => event.id);
  expect(output).toMatch(new RegExp(`^${first} +${to.id} +\\d+ +due$`, 'm'));
  expect(output).toMatch(
    new RegExp(`^${third} +- +- +lost +matched to 1 destinations, has 0 deliveries$`, 'm'),
  );
  expect(output).toMatch(/^events( +0){4} +2( +0){4} +1$/m);
});

test('as JSON it prints one document per line, the summary last', async () => {
  const to = endpoint();
  await database.store.ingest(new Partition().batch([to], {}, {}));
  const { code, output } = await reconcile('--since', hourAgo(), '--json');
  expect(code).toBe(1);
  const lines = output.split('\n').map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    { endpointId: to.id, status: 'due', reason: null },
    { endpointId: to.id, status: 'due' },
    { events: 2, matched: 2, live: { due: 2, lost: 0 }, settled: false },
  ]);
});

test('events of other organizations are not checked', async () => {
  await database.store.ingest(new Partition().batch([endpoint()], {}));
  expect(await reconcile('--since', hourAgo(), '--organization', randomUUID())).toMatchObject({
    code: 0,
  });
  expect(await reconcile('--since', hourAgo(), '--organization', organizationId)).toMatchObject({
    code: 1,
  });
});

test('it waits until everything is settled, at most as long as requested', async () => {
  await database.store.ingest(new Partition().batch([endpoint()], {}));
  const waiting = reconcile('--since', hourAgo(), '--wait', '30');
  await drain(database.store);
  expect(await waiting).toMatchObject({ code: 0 });
  await database.store.ingest(new Partition(1).batch([endpoint()], {}));
  expect(await reconcile('--since', hourAgo(), '--wait', '1')).toMatchObject({ code: 1 });
});

const since = '2026-11-27T06:00:00Z';
test.each([
  [[], /usage: npm run casewire/],
  [['deliveries', 'count'], /usage: npm run casewire/],
  [['deliveries', 'reconcile'], /--since is required/],
  [['deliveries', 'reconcile', '--since', 'yesterday'], /--since is required: ISO 8601/],
  [['deliveries', 'reconcile', '--since', '2026-11-27T06:00:00'], /--since is required: ISO 8601/],
  [
    ['deliveries', 'reconcile', '--since', since, '--organization', 'acme'],
    /--organization must be/,
  ],
  [['deliveries', 'reconcile', '--since', since, '--wait', '-1'], /--wait/],
  [['deliveries', 'reconcile', '--since', since, '--all'], /--all/],
  [['deliveries', 'reconcile', '--since', since, 'now'], /now/],
])('%j is wrong usage', async (args, message) => {
  const { code, errors, output } = await casewire(args);
  expect({ code, output }).toEqual({ code: 2, output: '' });
  expect(errors).toMatch(message);
  expect(errors).toContain('deliveries reconcile --since TIME');
});

test('a missing, invalid or unreachable database is reported', async () => {
  const args = ['deliveries', 'reconcile', '--since', hourAgo()];
  const at = (DELIVERY_DATABASE_URL: string) => casewire(args, { DELIVERY_DATABASE_URL });
  expect(await at('')).toMatchObject({
    code: 2,
    errors: expect.stringMatching(/DELIVERY_DATABASE_URL: is needed/),
  });
  expect(await at('mysql://x')).toMatchObject({
    code: 2,
    errors: expect.stringMatching(/must be a postgres/),
  });
  const { code, errors } = await at('postgres://user:word@127.0.0.1:1/none');
  expect(code).toBe(2);
  expect(errors).toMatch(/ECONNREFUSED/);
  expect(errors).not.toContain('word');
});

test('the process ends with the exit code', async () => {
  await database.store.ingest(new Partition().batch([endpoint()], {}));
  const ran = promisify(execFile)(
    process.execPath,
    [
      '--import',
      '#register',
      'apps/cli/src/main.ts',
      'deliveries',
      'reconcile',
      '--since',
      hourAgo(),
    ],
    {
      cwd: resolve(import.meta.dirname, '../../..'),
      env: { PATH: process.env.PATH, DELIVERY_DATABASE_URL: database.url },
    },
  );
  await expect(ran).rejects.toMatchObject({
    code: 1,
    stdout: expect.stringContaining('1 events since'),
    stderr: '',
  });
});
