import { randomUUID } from 'node:crypto';

import type { IncomingRecord } from '@casewire/event-log';
import { inTransaction, migrate } from '@casewire/service';
import { createLogger } from '@casewire/telemetry';
import { testDatabase, type TestDatabase } from '@casewire/testing';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';

import { now, orderer, tenant, verification } from '../../test/order-trial.ts';
import { migrations } from '../migrations/index.ts';
import { execute } from '../order/order-repository.ts';
import { CaseIntake } from './case-intake.ts';

let database: TestDatabase;
let intake: CaseIntake;
let woken: number;
beforeAll(async () => {
  database = await testDatabase();
  await migrate(database.url, migrations);
  const relay = { wake: () => void woken++ };
  intake = new CaseIntake(database.pool, relay, () => now, createLogger('orders', 'silent'));
});
afterAll(() => database.drop());

let orderId: string;
let verificationId: string;
let caseId: string;
beforeEach(async () => {
  woken = 0;
  [orderId, verificationId, caseId] = [randomUUID(), randomUUID(), randomUUID()];
  await inTransaction(database.pool, (client) =>
    execute(client, orderId, {
      type: 'CreateOrder',
      orderId,
      ...tenant,
      number: orderId,
      templateId: 'casewire.income',
      templateVersion: 1,
      userId: null,
      verifications: [verification('income', { verificationId })],
      by: orderer,
      now,
    }),
  );
});

let offset = 0n;
/** A record of the service of cases on events.casewire. */
function record(type: string, data: object, headers: Record<string, string> = {}): IncomingRecord {
  offset += 1n;
  return {
    topic: 'events.casewire',
    partition: 0,
    offset,
    key: caseId,
    value: Buffer.from(JSON.stringify({ caseId, occurredAt: now.toISOString(), ...data })),
    headers: {
      ce_id: `${caseId}/${offset}`,
      ce_source: '/casewire/cases',
      ce_type: type,
      ce_organization: tenant.organizationId,
      ce_environment: tenant.environment,
      ...headers,
    },
    timestamp: now,
  };
}
const stages = ['classification', 'extraction', 'forensics'];
const linked = (of: object = {}, headers = {}) =>
  record('case.linked', { orderId, verificationId, stages, ...of }, headers);
const assessed = () =>
  record('document.assessed', {
    externalId: null,
    uploadId: randomUUID(),
    documentType: 'payslip',
    verdict: 'verified',
    reasons: [],
    ocrConfidence: null,
    fraudSignals: [],
    securityFeatures: [],
    rulesVersion: '1',
    assessment: 1,
  });
const completed = () => record('case.completed', { externalId: null, result: 'succeeded' });

async function order() {
  const { rows } = await database.pool.query<{ status: string; tasks: number; events: number }>(
    `select status, (select count(*)::int from task_view where order_id = $1) as tasks,
       (select count(*)::int from domain_event where stream_id = $1) as events
     from order_view where id = $1`,
    [orderId],
  );
  return rows[0]!;
}

test('the events of a case that come in one batch complete its order', async () => {
  await intake.ingest([linked(), assessed(), completed()]);
  expect(await order()).toMatchObject({ status: 'completed', tasks: 1 });
  expect(woken).toBe(3);
});

test('records that are delivered again, and earlier ones after later ones, change nothing', async () => {
  const records = [linked(), assessed(), completed()];
  await intake.ingest(records);
  const before = await order();
  await intake.ingest(records);
  for (const one of records.toReversed()) await intake.ingest([one]);
  expect(await order()).toEqual(before);
});

test('two consumers of one partition record each event once', async () => {
  const records = [linked(), assessed(), completed()];
  await Promise.all([intake.ingest(records), intake.ingest(records), intake.ingest(records)]);
  const { events } = await order();
  // The order with its first state; then task, status and order; the document; and six of the completion.
  expect([events, (await order()).status]).toEqual([2 + 3 + 1 + 6, 'completed']);
});

test('the id of an event and what it changes are committed together', async () => {
  const one = linked();
  // The append fails: the database refuses the row.
  await database.pool.query(
    `alter table task_view add constraint planted check (status <> 'processing') not valid`,
  );
  await expect(intake.ingest([one])).rejects.toMatchObject({
    code: 'INFRASTRUCTURE_UNAVAILABLE',
    cause: { message: expect.stringContaining('planted') as string },
  });
  await database.pool.query('alter table task_view drop constraint planted');
  expect((await order()).tasks).toBe(0);
  await intake.ingest([one]);
  expect((await order()).tasks).toBe(1);
});

test.each([
  ['the order of another organization', () => linked({}, { ce_organization: randomUUID() })],
  ['the order of another environment', () => linked({}, { ce_environment: 'production' })],
  ['an unknown order', () => linked({ orderId: randomUUID() })],
  ['an unknown verification', () => linked({ verificationId: randomUUID() })],
  ['an event of another source', () => linked({}, { ce_source: '/casewire/orders' })],
  ['an event of another type', () => record('case.submitted', {})],
  ['an event that is not as its contract says', () => linked({ stages: 'all' })],
  ['an event without an id', () => linked({}, { ce_id: '' })],
  ['a value that is not JSON', () => ({ ...linked(), value: Buffer.from('{') })],
  ['no value', () => ({ ...linked(), value: null })],
])('%s changes nothing, and the events after it are recorded', async (_, of) => {
  await intake.ingest([of(), linked()]);
  expect(await order()).toMatchObject({ tasks: 1, events: 2 + 3 });
});

test('a case that no order has is skipped', async () => {
  await intake.ingest([assessed(), completed()]);
  expect(await order()).toMatchObject({ tasks: 0, events: 2 });
});
