import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';

import { caseViewProjection } from '@casewire/cases/views';
import { ReviewClient, type SubmittedFile } from '@casewire/client';
import { Topics, type CaseCommandMessage, type CaseView } from '@casewire/contracts';
import { EventLog } from '@casewire/event-log';
import { rebuild } from '@casewire/event-sourcing';
import type { SampleKind } from '@casewire/samples';
import { isSettled, reconcile } from '@casewire/webhook-delivery/reconciler';
import { Client, Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { document } from '../e2e/test-platform.ts';
import { arrivalsOf, lanesOutOfOrder } from './arrivals.ts';
import {
  CrashingPlatform,
  type CrashingPlatformPartner,
  type CrashPlan,
} from './crashing-platform.ts';

const plan: CrashPlan = {
  cases: [
    'cases.appended:2',
    'cases.command-executed:2',
    'relay.published:6',
    'cases.result-recorded:3',
    'cases.command-executed:3',
  ],
  'webhook-delivery': ['delivery.claimed:5', 'delivery.answered:6', 'delivery.recorded:6'],
};
const started = new Date();

let platform: CrashingPlatform;
let partner: CrashingPlatformPartner;
let reviews: ReviewClient;
let log: EventLog;
beforeAll(async () => {
  platform = new CrashingPlatform();
  partner = await platform.start(plan);
  reviews = new ReviewClient(platform.url, partner.key);
  log = new EventLog({ brokers: [platform.dependencies.brokers], clientId: 'test' });
  const { client, operator, organizationId } = partner;
  await client.createEndpoint({ url: platform.receiver.url('/hook') });
  await operator.provisionEndpoint(organizationId, {
    environment: 'sandbox',
    audience: 'internal',
    url: platform.receiver.url('/internal'),
  });
}, 120_000);
afterAll(async () => {
  await log?.close();
  await platform?.stop();
});

/** Sends a command on the topic; Kafka delivers it at least once. */
function command(caseId: string, type: CaseCommandMessage['type']): Promise<void> {
  const message = {
    type,
    commandId: randomUUID(),
    caseId,
    organizationId: partner.organizationId,
    environment: 'sandbox',
    requestedBy: { type: 'api_key', id: 'orders', name: 'Orders' },
    ...(type === 'RefreshCase' && { stages: ['extraction'] }),
  };
  const record = { topic: Topics.caseCommands, key: caseId, value: JSON.stringify(message) };
  // Twice, as a producer may send it.
  return log.send([record, record]);
}

const read = (id: string) => platform.untilAccepted(() => partner.client.case(id));

async function untilStatus(id: string, status: CaseView['status']): Promise<CaseView> {
  for (;;) {
    const view = await read(id);
    if (view.status === status) return view;
    await delay(100);
  }
}

const untilReceived = (path: string, caseId: string, eventName: string) =>
  platform.receiver.until(
    (requests) => arrivalsOf(requests).has(`${path} ${caseId} ${eventName}`),
    120_000,
  );

/** A document whose file name steers the sandbox. */
async function named(kind: SampleKind, part: string): Promise<SubmittedFile> {
  const file = await document(kind);
  return { ...file, name: file.name.replace('.pdf', `.${part}.pdf`) };
}

/** A case in review that is corrected, revised after its result, refreshed, and cannot be canceled any more. */
async function reviewedCase(externalId: string): Promise<string> {
  const { id } = await platform.submit(partner.client, {
    files: [await named('bank_statement', 'review-unprocessable')],
    features: ['extraction'],
    externalId,
  });
  const { uploads, openReviewId } = await untilStatus(id, 'in_review');
  const uploadId = uploads[0]!.id;
  const fields = [{ name: 'account_holder', value: 'Ann Example' }];
  await platform.untilAccepted((key) =>
    reviews.resolve(
      openReviewId!,
      { resolution: 'corrected', corrections: [{ uploadId, fields }] },
      key,
    ),
  );
  await platform.untilAccepted((key) =>
    reviews.reviseDocument(id, uploadId, { fields, reason: 'a typo' }, key),
  );
  await platform.untilAccepted((key) =>
    reviews.reviseCase(id, { reference: 'r', reason: 'a typo' }, key),
  );
  await command(id, 'RefreshCase');
  await untilReceived('/hook', id, 'case.refresh.completed');
  await command(id, 'CancelCase');
  await untilReceived('/internal', id, 'case.command.refused');
  return id;
}

/** A case that is canceled by a command while its stages are slow, and then deleted by one. */
async function canceledCase(): Promise<string> {
  const { id } = await platform.submit(partner.client, {
    files: [await named('invoice', 'slow-600')],
    features: ['extraction'],
  });
  await command(id, 'CancelCase');
  await untilReceived('/hook', id, 'case.canceled');
  await command(id, 'DeleteCase');
  await untilReceived('/internal', id, 'case.erased');
  return id;
}

const eventsOfReviewedCase = [
  'case.submitted',
  'upload.received',
  'case.classification.completed',
  'case.extraction.completed',
  'review.opened',
  'review.resolved',
  'case.completed',
  'document.revised',
  'case.revised',
  'case.refresh.completed',
];

test('TE-22 TE-23 reviews, revisions, refreshes and commands whose services die at every crash point cause each event once, in order', async () => {
  const reviewed = Promise.all(['a', 'b', 'c'].map(reviewedCase));
  const canceled = Promise.all([canceledCase(), canceledCase()]);
  const [reviewedIds, canceledIds] = await Promise.all([reviewed, canceled]);
  await platform.untilDeaths(Object.values(plan).flat().length);
  const arrivals = () => arrivalsOf(platform.receiver.requests);
  await expect.poll(async () => isSettled(await reconciled()), { timeout: 60_000 }).toBe(true);

  for (const id of reviewedIds) {
    const names = [...arrivals()].filter(([key]) => key.startsWith(`/hook ${id} `));
    expect(names.map(([key]) => key.split(' ')[2]).toSorted()).toEqual(
      eventsOfReviewedCase.toSorted(),
    );
    expect(arrivals().get(`/internal ${id} case.command.refused`)?.size).toBe(1);
  }
  for (const id of canceledIds) {
    expect(arrivals().get(`/hook ${id} case.canceled`)?.size).toBe(1);
    expect(arrivals().has(`/hook ${id} case.completed`)).toBe(false);
    expect(arrivals().get(`/internal ${id} case.erased`)?.size).toBe(1);
  }
  expect([...arrivals()].filter(([, ids]) => ids.size !== 1)).toEqual([]);
  expect(lanesOutOfOrder(platform.receiver.requests)).toEqual([]);
}, 240_000);

async function reconciled() {
  const client = new Client({
    connectionString: platform.dependencies.databaseUrl('casewire_delivery'),
  });
  await client.connect();
  try {
    return await reconcile(client, { since: started });
  } finally {
    await client.end();
  }
}

test('afterwards every domain event is published, no run is awaited, and the read model is as the domain events say', async () => {
  const pool = new Pool({
    connectionString: platform.dependencies.databaseUrl('casewire_cases'),
  });
  try {
    const open = `select (select count(*)::int from domain_event where not published) as unpublished,
      (select count(*)::int from run_view where status = 'processing') as awaited`;
    await expect
      .poll(async () => (await pool.query(open)).rows[0], { timeout: 30_000 })
      .toEqual({ unpublished: 0, awaited: 0 });
    expect(await rebuild(pool, caseViewProjection, { replace: false })).toMatchObject({
      differences: [],
    });
  } finally {
    await pool.end();
  }
});
