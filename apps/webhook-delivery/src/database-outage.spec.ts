import { randomUUID } from 'node:crypto';

import { inTransaction, isDatabaseUnavailable, openDatabase } from '@casewire/service';
import { TcpProxy } from '@casewire/testing';
import type { Pool } from 'pg';
import { Agent } from 'undici';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';

import {
  deliveryDatabase,
  expectNoFaults,
  leftOver,
  type DeliveryDatabase,
} from '../test/delivery-database.ts';
import { endpoint, Partition } from '../test/events.ts';
import { KeptLog } from '../test/scripted-store.ts';
import { AttemptWriter } from './engine/dispatch/attempt-writer.ts';
import { Dispatcher } from './engine/dispatch/dispatcher.ts';
import { PostgresLaneStore } from './engine/store/postgres-lane-store.ts';

/** However busy the machine is. */
const patience = { timeout: 20_000 };

let database: DeliveryDatabase;
let proxy: TcpProxy;
let pool: Pool;
let log: KeptLog;
beforeEach(async () => {
  database = await deliveryDatabase();
  const url = new URL(database.url);
  proxy = await new TcpProxy({ host: url.hostname, port: Number(url.port) }).start();
  url.host = `127.0.0.1:${proxy.port}`;
  log = new KeptLog();
  pool = openDatabase(url.href, log);
});
afterEach(async () => {
  await pool.end();
  await proxy.stop();
  await database.drop();
});

test('a connection that breaks in the middle of a transaction fails the transaction and nothing else', async () => {
  const begun = Promise.withResolvers<void>();
  const cut = Promise.withResolvers<void>();
  const broken = inTransaction(pool, async (client) => {
    await client.query('select 1');
    begun.resolve();
    await cut.promise;
    await client.query('select 2');
  }).catch((error: unknown) => error);
  await begun.promise;
  proxy.cut();
  // The connection emits its end while no statement is awaited on it.
  await vi.waitFor(() => expect(log.events).toContain('database.connection-lost'), patience);
  cut.resolve();
  expect(isDatabaseUnavailable(await broken)).toBe(true);
  proxy.restore();
  expect((await pool.query('select 3 as n')).rows).toEqual([{ n: 3 }]);
});

test('what the database says of a statement is no absence', async () => {
  const failure = await pool.query('select 1/0').catch((error: unknown) => error);
  expect(isDatabaseUnavailable(failure)).toBe(false);
  expect(isDatabaseUnavailable('nothing')).toBe(false);
});

/** Sends to endpoints that respond when the test lets them. */
function dispatcherOn(store: PostgresLaneStore, http: Agent) {
  const leaseHolder = randomUUID();
  const sent: string[] = [];
  const answers: (() => void)[] = [];
  const dispatcher = new Dispatcher({
    leaseHolder,
    slots: 16,
    store,
    attemptWriter: new AttemptWriter(store, leaseHolder, log),
    targetOf: ({ endpointId }) => ({
      url: endpointId!,
      secrets: [Buffer.alloc(32)],
      token: null,
      headers: {},
      http,
    }),
    policyOf: () => ({ delays: null, onExhausted: 'skip' }),
    send: async ({ headers }) => {
      sent.push(headers['webhook-id']!);
      await new Promise<void>((resolve) => answers.push(resolve));
      return { status: 200, headers: {}, body: null, error: null };
    },
    now: () => new Date(),
    monotonic: () => performance.now(),
    random: Math.random,
    timeFactor: 0.001,
    logger: log,
    idleMs: 10,
  });
  return { dispatcher, sent, answers };
}

test('when the database goes away and comes back, deliveries go on: what was answered meanwhile is not sent again', async () => {
  const store = new PostgresLaneStore(pool);
  const http = new Agent();
  const { dispatcher, sent, answers } = dispatcherOn(store, http);
  const endpoints = [endpoint(), endpoint()];
  const partition = new Partition();
  await store.ingest(partition.batch(endpoints, ...[1, 2, 3].map((n) => ({ key: `case-${n}` }))));
  dispatcher.start();
  await vi.waitFor(() => expect(answers).toHaveLength(6), patience);
  proxy.cut();
  // All six are answered while nothing can be written down.
  for (const answer of answers.splice(0)) answer();
  const batch = partition.batch(endpoints, ...[1, 2, 3].map((n) => ({ key: `case-${n}` })));
  const refused = await store.ingest(batch).catch((error: unknown) => error);
  expect(isDatabaseUnavailable(refused)).toBe(true);
  await vi.waitFor(() => {
    expect(log.events).toContain('attempt-results.not-recorded');
    expect(log.events).toContain('claim.failed');
  }, patience);
  proxy.restore();
  await store.ingest(batch);
  await vi.waitFor(() => expect(answers).toHaveLength(6), patience);
  for (const answer of answers.splice(0)) answer();
  await dispatcher.stop();
  expect(sent).toHaveLength(12);
  expect(new Set(sent).size).toBe(6);
  await expectNoFaults(database);
  expect(await leftOver(database)).toEqual({ pending: 0, due: 0, leased: 0 });
  await http.close();
});

test('after a stop in the middle of everything no lane stays leased, and all that was answered is on record', async () => {
  const store = new PostgresLaneStore(pool);
  const http = new Agent();
  const { dispatcher, sent, answers } = dispatcherOn(store, http);
  const keys = Array.from({ length: 200 }, (_, i) => ({ key: `case-${i}` }));
  await store.ingest(new Partition().batch([endpoint(), endpoint(), endpoint()], ...keys));
  dispatcher.start();
  await vi.waitFor(() => expect(answers.length).toBeGreaterThan(8), patience);
  const answering = setInterval(() => answers.splice(0, 3).forEach((answer) => answer()), 2);
  await vi.waitFor(() => expect(sent.length).toBeGreaterThan(60), patience);
  await dispatcher.stop();
  clearInterval(answering);
  await expectNoFaults(database);
  const left = await leftOver(database);
  expect(left).toMatchObject({ leased: 0, pending: 600 - sent.length });
  await http.close();
});

test('nobody waits for a lock without end', async () => {
  const { rows } = await pool.query(
    `select name, setting from pg_settings
     where name in ('statement_timeout', 'idle_in_transaction_session_timeout') order by name`,
  );
  expect(rows).toEqual([
    { name: 'idle_in_transaction_session_timeout', setting: '20000' },
    { name: 'statement_timeout', setting: '20000' },
  ]);
});
