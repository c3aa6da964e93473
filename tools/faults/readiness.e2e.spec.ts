import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { EmbeddedKafka } from '@casewire/embedded-kafka';
import { platformKeys } from '@casewire/standalone';
import { serviceEnv, type ServiceName } from '@casewire/standalone';
import { TcpProxy, testDatabase, type TestDatabase } from '@casewire/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { ServiceProcess } from '../dev/service-process.ts';

const patience = { timeout: 40_000, interval: 200 };
const names: ServiceName[] = [
  'cases',
  'orders',
  'webhook-delivery',
  'subscriptions',
  'event-catalog',
];

let folder: string;
let database: TestDatabase;
let proxy: TcpProxy;
let kafka: EmbeddedKafka;
let services: { name: ServiceName; process: ServiceProcess; url: string }[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'casewire-readiness-'));
  database = await testDatabase();
  const { hostname, port } = new URL(database.url);
  proxy = await new TcpProxy({ host: hostname, port: Number(port) }).start();
  kafka = new EmbeddedKafka({ directory: join(folder, 'kafka') });
  await kafka.start();
  const throughProxy = new URL(database.url);
  throughProxy.port = String(proxy.port);
  // Each service has its own schema in one database.
  const databaseUrl = (name: string) => {
    const url = new URL(throughProxy);
    url.searchParams.set('options', `-c search_path=${name}`);
    return url.toString();
  };
  for (const name of [
    'casewire_cases',
    'casewire_subscriptions',
    'casewire_catalog',
    'casewire_delivery',
    'casewire_orders',
  ])
    await database.pool.query(`create schema ${name}`);
  const env = serviceEnv({
    brokers: kafka.brokers,
    databaseUrl,
    blobFolder: join(folder, 'blobs'),
    incomingFolder: join(folder, 'incoming'),
    keys: platformKeys(folder),
  });
  services = await Promise.all(
    names.map(async (name) => {
      const process = new ServiceProcess(name, env);
      return { name, process, url: await process.start() };
    }),
  );
}, 120_000);

afterAll(async () => {
  await Promise.all((services ?? []).map(({ process }) => process.stop('SIGKILL')));
  await proxy?.stop();
  await kafka?.stop();
  await database?.drop();
  rmSync(folder, { recursive: true, force: true });
});

const readiness = async (url: string) => {
  const response = await fetch(`${url}/readyz`);
  return { status: response.status, body: await response.json() };
};
const missing = (dependency: string) => ({
  status: 503,
  body: { missing: expect.arrayContaining([expect.stringMatching(`^${dependency}: `)]) },
});
const ready = { status: 200, body: { status: 'ready' } };

test('readiness names the database and then the broker while it cannot be reached, and is ready when the database is back', async () => {
  for (const { url } of services) await expect.poll(() => readiness(url), patience).toEqual(ready);
  proxy.cut();
  for (const { url } of services)
    await expect.poll(() => readiness(url), patience).toMatchObject(missing('database'));
  proxy.restore();
  for (const { url } of services) await expect.poll(() => readiness(url), patience).toEqual(ready);
  await kafka.stop();
  for (const { url } of services)
    await expect.poll(() => readiness(url), patience).toMatchObject(missing('broker'));
  // No service ended because of it.
  expect(services.filter(({ process }) => !process.running)).toEqual([]);
}, 180_000);
