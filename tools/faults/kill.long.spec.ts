import { setTimeout as delay } from 'node:timers/promises';

import type { PartnerClient } from '@casewire/client';
import type { CaseView } from '@casewire/contracts';
import { seeded } from '@casewire/samples';
import type { ReceivedRequest } from '@casewire/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { document, eventOf } from '../e2e/test-platform.ts';
import { lanesOutOfOrder } from './arrivals.ts';
import { CrashingPlatform, type CrashPlan } from './crashing-platform.ts';

const plan: CrashPlan = {
  cases: [
    'cases.blobs-stored:3',
    'cases.appended:4',
    'cases.result-recorded:9',
    'relay.published:5',
  ],
  classification: ['stage.started:4', 'stage.result-published:5'],
  extraction: ['stage.result-stored:4'],
  forensics: ['stage.result-stored:4'],
  translation: ['stage.result-published:4'],
  'webhook-delivery': ['delivery.claimed:6', 'delivery.answered:9', 'delivery.recorded:5'],
};

const seed = Date.now() % 1_000_000;
const random = seeded(seed);

/** One platform for all tests: its services are killed in each test, and run in the next. */
let platform: CrashingPlatform;
let client: PartnerClient;
beforeAll(async () => {
  platform = new CrashingPlatform();
  ({ client } = await platform.start(plan));
  await client.createEndpoint({ url: platform.receiver.url('/hook') });
}, 120_000);
afterAll(() => platform.stop());

const stageEvents = (requests: readonly ReceivedRequest[]) =>
  requests.filter((request) =>
    /^case\.(classification|extraction|forensics|translation)\./.test(eventOf(request).eventName),
  );

/** Submits cases with different documents, three at a time. */
async function submitCases(count: number): Promise<CaseView[]> {
  const views: CaseView[] = [];
  const submitter = async () => {
    while (views.length < count) {
      const kind = views.length % 2 === 0 ? 'invoice' : 'bank_statement';
      const index = views.push(undefined as never) - 1;
      views[index] = await platform.submit(client, {
        files: [await document(kind)],
        externalId: `applicant-${index}`,
      });
    }
  };
  await Promise.all([submitter(), submitter(), submitter()]);
  return views;
}

/** Resolves when every terminal event of every case has arrived; checks that each has one id and every lane is in order. */
async function untilAllArrived(views: CaseView[], timeoutMs: number): Promise<void> {
  const stages = ['classification', 'extraction', 'forensics', 'translation'];
  const expected = views.flatMap(({ id }) => [
    ...stages.map((stage) => `${id} ${stage}`),
    `${id} completed`,
  ]);
  const keyOf = (request: ReceivedRequest) => {
    const { eventName, payload } = eventOf(request);
    return `${payload.caseId} ${eventName.split('.')[1]}`;
  };
  await platform.receiver.until((requests) => {
    const got = new Set(requests.map(keyOf));
    return expected.every((one) => got.has(one));
  }, timeoutMs);
  const ids = new Map<string, Set<unknown>>();
  for (const request of stageEvents(platform.receiver.requests)) {
    const key = keyOf(request);
    ids.set(key, (ids.get(key) ?? new Set()).add(request.headers['webhook-id']));
  }
  expect([...ids.values()].filter(({ size }) => size !== 1)).toEqual([]);
  expect(ids.size).toBe(views.length * 4);
  expect(lanesOutOfOrder(platform.receiver.requests)).toEqual([]);
}

const victims = [
  'cases',
  'classification',
  'webhook-delivery',
  'extraction',
  'forensics',
  'cases',
  'translation',
  'webhook-delivery',
] as const;

test(`TE-22 TE-23 services that die at every crash point, and are killed at random moments (${seed}), lose no event, repeat none under another id, and reorder none`, async () => {
  const planned = Object.values(plan).flat();
  const submitting = submitCases(50);
  await platform.untilDeaths(planned.length);
  expect(platform.deaths.map(({ at }) => at).toSorted()).toEqual(planned.toSorted());
  for (const victim of victims) {
    await delay(300 + random() * 900);
    platform.kill(victim);
  }
  await untilAllArrived(await submitting, 240_000);
  expect(platform.deaths.filter(({ at }) => at === 'killed')).toHaveLength(victims.length);
}, 300_000);

test('a document that ends the process that reads it fails after three starts', async () => {
  const deaths = () => platform.deaths.filter(({ at }) => at === 'stage.started').length;
  platform.kill('extraction', ['stage.started', 'stage.started', 'stage.started']);
  const view = await platform.submit(client, {
    files: [await document('invoice')],
    features: ['extraction'],
  });
  await platform.receiver.until(
    (requests) =>
      requests
        .map(eventOf)
        .some(
          ({ eventName, payload }) =>
            eventName === 'case.extraction.failed' && payload.caseId === view.id,
        ),
    120_000,
  );
  const [extraction] = (await client.results(view.id, 'extraction')).uploads;
  expect(extraction).toMatchObject({ status: 'failed', failure: { code: 'CRASHED' } });
  expect(deaths()).toBe(3);
}, 180_000);
