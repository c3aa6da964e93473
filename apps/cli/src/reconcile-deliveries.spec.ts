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

/** What a command says, what it complains of, and its exit code. */
async function casewire(args: string[], env: NodeJS.ProcessEnv = {}) {
  const [said, complaints]: string[][] = [[], []];
  const code = await run(
    args,
    { DELIVERY_DATABASE_URL: database.url, ...env },
    {
      say: (line) => void said!.push(line),
      complain: (line) => void complaints!.push(line),
    },
  );
  return { code, said: said!.join('\n'), complaints: complaints!.join('\n') };
}
const reconcile = (...args: string[]) => casewire(['deliveries', 'reconcile', ...args]);

test('G5 it exits 0 when every event has a terminal state at every endpoint', async () => {
  await database.store.ingest(new Partition().batch([endpoint(), endpoint()], {}, {}));
  await drain(database.store);
  const { code, said, complaints } = await reconcile('--since', hourAgo());
  expect({ code, complaints }).toEqual({ code: 0, complaints: '' });
  expect(said).toContain('2 events since');
  expect(said).toMatch(/^events +4( +0){9}$/m);
  expect(said).toContain('every event has a terminal state');
});

test('G5 it exits 1 when any has none, and lists what is open or lost with its reason', async () => {
  const { store, pool } = database;
  const to = endpoint();
  const batch = new Partition().batch([to], {}, {}, {});
  await store.ingest(batch);
  await pool.query('delete from delivery where seq = 3');
  const { code, said } = await reconcile('--since', hourAgo());
  expect(code).toBe(1);
  const [first, , third] = batch.events.map(({ event }) => event.id);
  expect(said).toMatch(new RegExp(`^${first} +${to.id} +\\d+ +due$`, 'm'));
  expect(said).toMatch(
    new RegExp(`^${third} +- +- +lost +matched to 1, delivered or to be delivered to 0$`, 'm'),
  );
  expect(said).toMatch(/^events( +0){4} +2( +0){4} +1$/m);
});

test('as JSON it says one document a line, the summary last', async () => {
  const to = endpoint();
  await database.store.ingest(new Partition().batch([to], {}, {}));
  const { code, said } = await reconcile('--since', hourAgo(), '--json');
  expect(code).toBe(1);
  const lines = said.split('\n').map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    { endpointId: to.id, verdict: 'due', reason: null },
    { endpointId: to.id, verdict: 'due' },
    { events: 2, matched: 2, live: { due: 2, lost: 0 }, settled: false },
  ]);
});

test('another organization’s events are not looked at', async () => {
  await database.store.ingest(new Partition().batch([endpoint()], {}));
  expect(await reconcile('--since', hourAgo(), '--organization', randomUUID())).toMatchObject({
    code: 0,
  });
  expect(await reconcile('--since', hourAgo(), '--organization', organizationId)).toMatchObject({
    code: 1,
  });
});

test('it waits until everything has a terminal state, and no longer than it is told', async () => {
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
  [['deliveries', 'reconcile'], /--since is needed/],
  [['deliveries', 'reconcile', '--since', 'yesterday'], /--since is needed: ISO 8601/],
  [['deliveries', 'reconcile', '--since', '2026-11-27T06:00:00'], /--since is needed: ISO 8601/],
  [
    ['deliveries', 'reconcile', '--since', since, '--organization', 'acme'],
    /--organization must be/,
  ],
  [['deliveries', 'reconcile', '--since', since, '--wait', '-1'], /--wait/],
  [['deliveries', 'reconcile', '--since', since, '--all'], /--all/],
  [['deliveries', 'reconcile', '--since', since, 'now'], /now/],
])('%j is wrong usage', async (args, message) => {
  const { code, complaints, said } = await casewire(args);
  expect({ code, said }).toEqual({ code: 2, said: '' });
  expect(complaints).toMatch(message);
  expect(complaints).toContain('deliveries reconcile --since TIME');
});

test('a database that is not named, is none, or does not answer is said so', async () => {
  const args = ['deliveries', 'reconcile', '--since', hourAgo()];
  const at = (DELIVERY_DATABASE_URL: string) => casewire(args, { DELIVERY_DATABASE_URL });
  expect(await at('')).toMatchObject({
    code: 2,
    complaints: expect.stringMatching(/DELIVERY_DATABASE_URL: is needed/),
  });
  expect(await at('mysql://x')).toMatchObject({
    code: 2,
    complaints: expect.stringMatching(/must be a postgres/),
  });
  const { code, complaints } = await at('postgres://user:word@127.0.0.1:1/none');
  expect(code).toBe(2);
  expect(complaints).toMatch(/ECONNREFUSED/);
  expect(complaints).not.toContain('word');
});

test('as a process it ends with that exit code', async () => {
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
