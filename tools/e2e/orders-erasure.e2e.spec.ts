import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { OrderClient } from '@casewire/client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { MarkerSearch } from './planted-marker.ts';
import { startedPlatform, type PrintingPlatform } from './started-platform.ts';
import {
  document,
  eventOf,
  type Listener,
  type Partner,
  type TestPlatform,
} from './test-platform.ts';

/** Part of everything that is written about the order and its cases; nothing else has it. */
const marker = 'zqordered3w';
/** Of the correlation id, which stays in log lines. */
const tracer = 'zqtraced5v';
const planted = new MarkerSearch(marker);
const traced = new MarkerSearch(tracer);
const text = (place: string) => `${marker} ${place}`;

const patience = { timeout: 60_000, interval: 200 };

let temporary: string;
let platform: TestPlatform<PrintingPlatform>;
let partner: Partner;
let orders: OrderClient;
let listener: Listener;
let orderId: string;
let caseIds: string[];

beforeAll(async () => {
  temporary = mkdtempSync(join(tmpdir(), 'casewire-order-erasure-'));
  const env = { LOG_LEVEL: 'info', TMPDIR: temporary, RETRY_TIME_FACTOR: '0.0005' };
  platform = await startedPlatform(env);
  partner = await platform.partner();
  orders = new OrderClient(platform.url, partner.key);
  listener = await partner.listen();
  listener.receiver.respond = (_, response) => {
    response.writeHead(200, { 'x-said': text('header of the answer') });
    response.end(text('body of the answer'));
  };
  orderId = await markedOrder();
}, 240_000);
afterAll(async () => {
  await platform?.stop();
  rmSync(temporary, { recursive: true, force: true });
}, 120_000);

/** An order with the marker in everything that an orderer can write, with a case that failed, information, and one that succeeded. */
async function markedOrder(): Promise<string> {
  await orders.createTemplate({
    id: 'invoice',
    title: 'An invoice',
    verifications: [{ name: 'invoice', method: 'documents', documentTypes: ['invoice'] }],
  });
  // The keys are kept for a day; the responses that are stored with them are sealed.
  const { id, verifications } = await orders.create(
    {
      templateId: 'invoice',
      user: {
        externalId: text('externalId of the user'),
        name: text('name of the user'),
        email: `${marker}@example.com`,
        phone: text('phone'),
      },
      verifications: [
        {
          name: 'invoice',
          employer: { externalId: text('externalId of the employer'), name: text('employer') },
        },
      ],
      metadata: { [`${marker}-key`]: text('metadata') },
      correlationId: `${tracer}-correlation`,
    },
    randomUUID(),
  );
  const verificationId = verifications[0]!.id;
  const failed = await submitted(verificationId, 'extraction-fails');
  await untilState(verificationId, 'action-required');
  const data = { [`${marker}-name`]: text('information') };
  await orders.giveInformation(verificationId, data, randomUUID());
  const succeeded = await submitted(verificationId, 'verdict-verified');
  await untilState(verificationId, 'completed');
  await orders.refresh(id, {}, randomUUID());
  await vi.waitFor(async () => {
    expect((await orders.order(id)).refresh?.status).toBe('completed');
  }, patience);
  caseIds = [failed, succeeded];
  // Everything is delivered: what is open is canceled with the order.
  await vi.waitFor(async () => {
    const { items } = await partner.client.deliveries({ orderId: id, limit: 100 });
    expect(items.length).toBeGreaterThan(12);
    expect(new Set(items.map(({ state }) => state))).toEqual(new Set(['delivered']));
  }, patience);
  return id;
}

async function submitted(verificationId: string, steering: string): Promise<string> {
  const { bytes } = await document('invoice');
  const { id } = await partner.client.submit({
    files: [{ name: `${marker}-file.${steering}.pdf`, bytes }],
    verificationId,
    externalId: text(`case ${steering}`),
    metadata: { note: text('metadata of a case') },
  });
  return id;
}

const untilState = (verificationId: string, state: string) =>
  vi.waitFor(async () => {
    expect((await orders.verification(verificationId)).state).toBe(state);
  }, patience);

const databases = () => {
  const file = readFileSync(join(platform.folder, 'connections.json'), 'utf8');
  return Object.values((JSON.parse(file) as { databases: Record<string, string> }).databases);
};

/** The folders of the platform's files, without those of PostgreSQL, whose tables are searched, and of Kafka. */
const folders = () => [
  ...['blobs', 'incoming'].map((name) => join(platform.folder, name)),
  temporary,
];

async function stored(search: MarkerSearch): Promise<string[]> {
  return [
    ...(await search.inDatabases(databases())),
    ...folders().flatMap((folder) => search.inFiles(folder)),
  ];
}

test('the search finds the marker in the five databases, wherever an orderer planted it', async () => {
  expect(databases()).toHaveLength(5);
  const rows = await planted.inDatabases(databases());
  const tables = new Set(rows.map((row) => /^public\.([a-z_]+?)(?:_\d+)?:/.exec(row)?.[1] ?? row));
  expect([...tables]).toEqual(
    expect.arrayContaining([
      'order_private',
      'employer_private',
      'information_private',
      'case_private',
      'upload_private',
      'attempt',
      'event',
    ]),
  );
  const all = rows.join('\n');
  for (const place of [
    'externalId of the user',
    'name of the user',
    'phone',
    'externalId of the employer',
    'employer',
    'metadata',
    'information',
    'case extraction-fails',
    'case verdict-verified',
    'header of the answer',
  ])
    expect(all).toContain(text(place));
  expect(all).toContain(`${marker}@example.com`);
  // No table of domain events or of the read model has it.
  expect([...tables].filter((table) => /domain_event|_view|idempotency/.test(table))).toEqual([]);
  expect((await traced.inDatabases(databases())).length).toBeGreaterThan(0);
});

test('events of the order name its metadata, and nothing else that is personal', () => {
  const bodies = listener.receiver.requests
    .filter((request) => /^(order|verification|task)\./.test(eventOf(request).eventName))
    .map(({ body }) => JSON.parse(body.toString()) as { payload: { metadata?: object } });
  expect(bodies.length).toBeGreaterThan(12);
  expect(bodies.filter((body) => planted.has(JSON.stringify(body)))).toHaveLength(bodies.length);
  for (const { payload, ...rest } of bodies) {
    const { metadata: _, ...others } = payload;
    expect(planted.has(JSON.stringify({ ...rest, others }))).toBe(false);
  }
});

/** Kafka and the files of PostgreSQL are not searched, as for the erasure of a case. */
test('after the deletion of the order, the marker is in no database, no blob, no other file and no log line', async () => {
  await orders.remove(orderId);
  await expect(orders.order(orderId)).rejects.toMatchObject({ status: 404 });
  await vi.waitFor(async () => expect(await stored(planted)).toEqual([]), patience);
  await vi.waitFor(async () => expect(await stored(traced)).toEqual([]), patience);
  for (const id of caseIds)
    await expect(partner.client.case(id)).rejects.toMatchObject({ status: 404 });
  const output = platform.services.output();
  expect(planted.inLines(output)).toEqual([]);
  // Only log lines with the correlation id have the tracer.
  const lines = traced.inLines(output);
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(JSON.parse(line).correlationId).toBe(`${tracer}-correlation`);
}, 150_000);
