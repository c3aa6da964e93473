import { once } from 'node:events';
import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { join } from 'node:path';

import { PartnerClient } from '@casewire/client';
import { generate } from '@casewire/samples';
import { WebhookReceiver } from '@casewire/testing';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';

import { dataFolder, StartAll, untilGone } from './start-all.ts';

const patience = { timeout: 60_000, interval: 100 };

function folder(): string {
  const made = dataFolder();
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

let blocker: Server;
beforeAll(async () => {
  blocker = createServer().listen(0, '127.0.0.1');
  await once(blocker, 'listening');
});
afterAll(() => blocker.close());
const usedPort = () => String((blocker.address() as AddressInfo).port);

function startAll(directory: string, env: Record<string, string> = {}): StartAll {
  const all = new StartAll(directory, env);
  // When a test fails, its processes end before their folder is removed.
  onTestFinished(() => all.destroy());
  return all;
}

test('a scanned document passes one process per service; a killed service is started again, and a stop leaves no process', async () => {
  const receiver = await new WebhookReceiver().start();
  onTestFinished(() => receiver.stop());
  const directory = folder();
  const all = startAll(directory);
  const { url, apiKey } = await all.ready();
  const client = new PartnerClient(url, apiKey);
  await client.createEndpoint({ url: receiver.url('/hook') });
  const { fileName, bytes, truth } = await generate('passport', { seed: 1 });
  const submitted = await client.submit({
    files: [{ name: fileName, bytes }],
    features: ['extraction'],
  });
  const eventName = (body: Buffer) =>
    (JSON.parse(body.toString()) as { eventName: string }).eventName;
  await receiver.until((requests) =>
    requests.some(({ body }) => eventName(body) === 'case.completed'),
  );
  const { uploads } = await client.results(submitted.id, 'extraction');
  expect(uploads[0]).toMatchObject({ status: 'completed' });
  expect(JSON.stringify(uploads[0]!.result)).toContain(truth.fields.document_number);

  const [, pid] = await all.untilPrinted(/cases runs at \S+ \(process (\d+)\)/);
  process.kill(Number(pid), 'SIGKILL');
  await all.untilPrinted(/cases ended \(SIGKILL\), and is started again/);
  await expect
    .poll(() => client.case(submitted.id).catch((error: unknown) => error), patience)
    .toMatchObject({ id: submitted.id, status: 'completed' });

  // A second start on the same folder is refused before it changes anything.
  const second = startAll(directory);
  expect(await second.ended()).toBe(1);
  expect(second.output).toMatch(/^Casewire does not start\. \S+ is in use by process \d+\n/);
  expect(await client.case(submitted.id)).toMatchObject({ status: 'completed' });

  const started = all.descendants();
  // Nine services, PostgreSQL with its helper processes, and the sandboxed processes of the stages.
  expect(started.length).toBeGreaterThan(9);
  all.kill('SIGTERM');
  expect(await all.ended()).toBe(0);
  await untilGone(started);

  // The next start has the same organization, key and cases.
  const again = startAll(directory, { PORT: new URL(url).port });
  expect(await again.ready()).toMatchObject({ url, apiKey });
  expect(await client.case(submitted.id)).toMatchObject({ status: 'completed' });
}, 600_000);

test.each<[string, (directory: string) => Record<string, string> | void, RegExp]>([
  [
    'an invalid variable of a service',
    () => ({ ALERT_GATHER_MINUTES: 'soon' }),
    /ALERT_GATHER_MINUTES: /,
  ],
  [
    'a variable that has no effect',
    () => ({ CASES_DATABASE_URL: 'postgres://x/y' }),
    /CASES_DATABASE_URL: is set by the platform itself/,
  ],
  [
    'a port that is in use',
    () => ({ PORT: usedPort() }),
    /PORT: port \d+ is in use; set PORT to another one/,
  ],
  [
    'a Kafka port that is in use',
    () => ({ KAFKA_PORT: usedPort() }),
    /KAFKA_PORT: port \d+ is in use/,
  ],
  [
    'a port of the metrics that is in use',
    () => ({ METRICS_PORT: usedPort() }),
    /METRICS_PORT: port \d+ is in use/,
  ],
  [
    'a data folder that is a file',
    (directory) => {
      rmSync(directory, { recursive: true });
      writeFileSync(directory, '');
    },
    /EEXIST|ENOTDIR/,
  ],
])(
  '%s stops the start with one line or a list of names, before any process is started',
  async (_, arrange, message) => {
    const directory = folder();
    const all = startAll(directory, arrange(directory) ?? {});
    expect(await all.ended()).toBe(1);
    expect(all.output).toMatch(message);
    expect(all.output).not.toMatch(/^\s+at /m);
    expect(existsSync(join(directory, 'postgres'))).toBe(false);
  },
  60_000,
);

test('a start that fails names the service, stops the processes that it had started, and exits with an error', async () => {
  const directory = folder();
  const key = Buffer.alloc(32, 1).toString('base64');
  const keys = { pepper: key, sealing: key, operator: 'too short' };
  writeFileSync(join(directory, 'keys.json'), JSON.stringify(keys));
  const all = startAll(directory);
  await all.untilPrinted(/event-catalog runs at/);
  const started = all.descendants();
  expect(await all.ended()).toBe(1);
  expect(all.output).toMatch(/Casewire does not start\. subscriptions ended: [^]*OPERATOR_KEY/);
  await untilGone(started);
}, 400_000);

test('services end when the process that started them is killed before it can stop them', async () => {
  const all = startAll(folder());
  await all.untilPrinted(/event-catalog runs at/);
  const started = all.descendants();
  expect(started.length).toBeGreaterThan(1);
  all.kill('SIGKILL');
  await untilGone(started);
}, 400_000);
