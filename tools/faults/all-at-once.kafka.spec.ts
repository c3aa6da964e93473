import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startApacheKafka, type ApacheKafka } from '@casewire/apache-kafka';
import type { PartnerClient, SubmittedFile } from '@casewire/client';
import type { CaseView } from '@casewire/contracts';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { document } from '../e2e/test-platform.ts';
import { arrivalsOf, lanesOutOfOrder } from './arrivals.ts';
import { CrashingPlatform } from './crashing-platform.ts';
import { KillablePostgres } from './killable-postgres.ts';

const count = 200;
const paths = ['/one', '/two', '/three', '/four'];
const eventNames = [
  'case.submitted',
  'upload.received',
  'case.classification.completed',
  'case.extraction.completed',
  'case.completed',
];
/** Longer than the session timeout of a consumer group: the member has lost its partitions when it continues. */
const frozenMs = 12_000;

const folder = mkdtempSync(join(tmpdir(), 'casewire-all-at-once-'));
let kafka: ApacheKafka;
let postgres: KillablePostgres;
let platform: CrashingPlatform;
let client: PartnerClient;
beforeAll(async () => {
  [kafka, postgres] = await Promise.all([
    startApacheKafka({ directory: join(folder, 'kafka') }),
    new KillablePostgres(join(folder, 'postgres')).start(),
  ]);
  platform = new CrashingPlatform({ brokers: kafka.brokers, postgresUrl: postgres.url() });
  ({ client } = await platform.start());
  for (const path of paths)
    await client.createEndpoint({ url: platform.receiver.url(path), eventTypes: ['*'] });
}, 240_000);
afterAll(async () => {
  await platform?.stop();
  await postgres?.stop();
  await kafka?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

/** In this order; each begins when its share of the cases has been accepted, and has ended when its promise resolves. */
const faults: readonly [string, () => Promise<void>][] = [
  ['cases killed', async () => platform.kill('cases')],
  ['delivery frozen', () => platform.freeze('webhook-delivery', frozenMs)],
  [
    'broker killed',
    async () => {
      await kafka.kill();
      await kafka.restart();
    },
  ],
  ['delivery killed', async () => platform.kill('webhook-delivery')],
  [
    'PostgreSQL killed',
    async () => {
      await postgres.kill();
      await postgres.start();
    },
  ],
  ['extraction frozen', () => platform.freeze('extraction', frozenMs)],
  ['classification killed', async () => platform.kill('classification')],
  [
    'broker killed once more',
    async () => {
      await kafka.kill();
      await kafka.restart();
    },
  ],
];

async function submitCases(
  files: readonly SubmittedFile[],
  accepted: (views: readonly CaseView[]) => void,
): Promise<CaseView[]> {
  const views: CaseView[] = [];
  let next = 0;
  const submitter = async () => {
    for (let number = next++; number < count; number = next++) {
      views.push(
        await platform.submit(client, {
          files: [files[number % files.length]!],
          externalId: `applicant-${number}`,
          features: ['extraction'],
        }),
      );
      accepted(views);
    }
  };
  await Promise.all([submitter(), submitter(), submitter()]);
  return views;
}

test(`${count} cases under ${faults.length} faults: each event reaches each endpoint under one id, in order`, async () => {
  const files = await Promise.all(
    (['invoice', 'bank_statement', 'invoice', 'bank_statement'] as const).map((kind) =>
      document(kind),
    ),
  );
  const due = faults.map(() => Promise.withResolvers<void>());
  const submitting = submitCases(files, ({ length }) => {
    for (const [index, one] of due.entries())
      if (length >= ((index + 1) * count) / (faults.length + 1)) one.resolve();
  });
  const faulting = (async () => {
    for (const [index, [, strike]] of faults.entries()) {
      await due[index]!.promise;
      await strike();
    }
  })();
  const [views] = await Promise.all([submitting, faulting]);

  const expected = views.flatMap(({ id }) =>
    paths.flatMap((path) => eventNames.map((eventName) => `${path} ${id} ${eventName}`)),
  );
  expect(new Set(expected).size).toBe(count * paths.length * eventNames.length);
  const missing = new Set(expected);
  let checked = 0;
  await platform.receiver.until((requests) => {
    for (const name of arrivalsOf(requests.slice(checked)).keys()) missing.delete(name);
    checked = requests.length;
    return missing.size === 0;
  }, 480_000);
  const arrivals = arrivalsOf(platform.receiver.requests);
  expect([...arrivals].filter(([, ids]) => ids.size !== 1)).toEqual([]);
  expect(arrivals.size).toBe(expected.length);
  expect(lanesOutOfOrder(platform.receiver.requests)).toEqual([]);
  expect(platform.deaths.length).toBeGreaterThanOrEqual(3);
}, 900_000);
