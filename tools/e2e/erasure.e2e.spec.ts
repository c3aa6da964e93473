import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { ReviewClient } from '@casewire/client';
import type { CaseView } from '@casewire/contracts';
import { generate, zipOf } from '@casewire/samples';
import { PDFDocument, StandardFonts } from 'pdf-lib';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';

import { MarkerSearch } from './planted-marker.ts';
import { startedPlatform, type PrintingPlatform } from './started-platform.ts';
import { eventOf, type Listener, type Partner, type TestPlatform } from './test-platform.ts';

/** Part of everything that is written about the case; nothing else has it. */
const marker = 'zqplanted7x';
/** Of the correlation id, which stays in log lines: see docs/partner-api.md. */
const tracer = 'zqtracer9y';
const planted = new MarkerSearch(marker);
const traced = new MarkerSearch(tracer);
const text = (place: string) => `${marker} ${place}`;

const patience = { timeout: 60_000, interval: 200 };

let temporary: string;
let platform: TestPlatform<PrintingPlatform>;
let partner: Partner;
let reviews: ReviewClient;
let listener: Listener;
let view: CaseView;

beforeAll(async () => {
  temporary = mkdtempSync(join(tmpdir(), 'casewire-erasure-'));
  const env = { LOG_LEVEL: 'info', TMPDIR: temporary, RETRY_TIME_FACTOR: '0.0005' };
  platform = await startedPlatform(env);
  partner = await platform.partner();
  reviews = new ReviewClient(platform.url, partner.key);
  listener = await partner.listen();
  view = await markedCase();
}, 240_000);
afterAll(async () => {
  await platform?.stop();
  rmSync(temporary, { recursive: true, force: true });
}, 120_000);

/** A PDF with a text on its page. */
async function invoiceWith(printed: string, seed: number): Promise<Uint8Array> {
  const { bytes } = await generate('invoice', { seed });
  const pdf = await PDFDocument.load(bytes);
  const page = pdf.getPage(0);
  const font = await pdf.embedFont(StandardFonts.Helvetica);
  page.drawText(printed, { x: 40, y: 30, size: 10, font });
  return pdf.save();
}

/** Answers that repeat the marker: a refusal first, then something that is not HTTP, then success. */
function answerWithMarker({ receiver }: Listener): void {
  const refused = new Set<unknown>();
  receiver.respond = (request, response) => {
    const id = request.headers['webhook-id'];
    if (refused.has(id) || eventOf(request).eventName === 'case.erased') {
      response.writeHead(200, { 'x-said': text('header of the answer') });
      return void response.end(text('body of the answer'));
    }
    refused.add(id);
    if (refused.size === 1)
      return void response.socket?.end(`HTTP/1.1 200 OK\r\n${text('no header')}\r\n\r\n`);
    response.writeHead(503, { 'x-said': text('header of the refusal') });
    response.end(text('body of the refusal'));
  };
}

/** A case with the marker in everything that a partner, a person, a document and a receiver can write. */
async function markedCase(): Promise<CaseView> {
  answerWithMarker(listener);
  const callbacks = await platform.receiver();
  const { client } = partner;
  const zip = zipOf([
    {
      name: `${marker}-folder/${marker}-inner.pdf`,
      content: await invoiceWith(text('printed'), 71),
    },
    { name: `${marker}-ignored.txt`, content: Buffer.from(text('ignored file')) },
  ]);
  const submitted = await client.submit(
    {
      files: [
        { name: `${marker}-archive.zip`, bytes: zip },
        { name: `${marker}-file.pdf`, bytes: await invoiceWith(text('printed too'), 72) },
      ],
      externalId: text('externalId'),
      reference: text('reference'),
      metadata: { [`${marker}-key`]: text('metadata') },
      correlationId: `${tracer}-correlation`,
      callbackUrl: callbacks.url(`/${marker}-callback`),
    },
    // The key itself is kept for a day; the response that is stored with it is sealed.
    randomUUID(),
  );
  const { id: caseId, uploads } = submitted;
  await reviewByHand(caseId);
  await untilStatus(caseId, 'action_required');
  const uploadId = uploads[0]!.id;
  await reviews.reviseDocument(caseId, uploadId, {
    fields: [{ name: 'invoice_number', value: text('corrected before the result') }],
    reason: text('reason of a correction'),
  });
  await reviews.close(caseId);
  await untilStatus(caseId, 'completed');
  await changesAfterTheResult(caseId, uploadId);
  await vi.waitFor(async () => {
    const { items } = await client.deliveries({ caseId, limit: 100 });
    expect(items.map(({ eventType }) => eventType)).toContain('case.refresh.completed');
    expect(new Set(items.map(({ state }) => state))).toEqual(new Set(['delivered']));
  }, patience);
  return submitted;
}

async function reviewByHand(caseId: string): Promise<void> {
  const { id } = await reviews.open(caseId, { reason: text('reason of a review') });
  await reviews.assign(id, { assigneeId: randomUUID(), assigneeName: text('assignee') });
  await reviews.comment(id, text('comment'));
  await reviews.resolve(id, { resolution: 'more_requested', comment: text('request') });
}

async function changesAfterTheResult(caseId: string, uploadId: string): Promise<void> {
  await reviews.reviseDocument(caseId, uploadId, {
    fields: [{ name: 'total_amount', value: text('corrected after the result') }],
    reason: text('reason of a later correction'),
  });
  const { id } = await reviews.open(caseId, { reason: text('reason of a later review'), uploadId });
  await reviews.resolve(id, {
    resolution: 'corrected',
    comment: text('comment of the decision'),
    corrections: [
      { uploadId, fields: [{ name: 'issuer', value: text('corrected by a reviewer') }] },
    ],
  });
  await reviews.reviseCase(caseId, {
    externalId: text('new externalId'),
    reference: text('new reference'),
    metadata: { [`${marker}-new`]: text('new metadata') },
    reason: text('reason of a revision'),
  });
  await reviews.refresh(caseId, { stages: ['classification', 'extraction'] });
  await vi.waitFor(async () => {
    expect((await partner.client.case(caseId)).refresh?.status).toBe('completed');
  }, patience);
}

const untilStatus = (caseId: string, status: CaseView['status']) =>
  vi.waitFor(async () => {
    expect((await partner.client.case(caseId)).status).toBe(status);
  }, patience);

const databases = () => {
  const file = readFileSync(join(platform.folder, 'connections.json'), 'utf8');
  const { databases: urls } = JSON.parse(file) as { databases: Record<string, string> };
  return Object.values(urls);
};

/** The folders of the platform's files, without those of PostgreSQL, whose tables are searched, and of Kafka. */
const folders = () => ['blobs', 'incoming'].map((name) => join(platform.folder, name));

/** Where the search finds the marker, without log lines. */
async function stored(search: MarkerSearch): Promise<string[]> {
  return [
    ...(await search.inDatabases(databases())),
    ...[...folders(), temporary].flatMap((folder) => search.inFiles(folder)),
  ];
}

/** The table of a row that was found; of a partition, the table that it is a part of. */
const tableOf = (row: string) => /^public\.([a-z_]+?)(?:_\d+)?:/.exec(row)?.[1] ?? row;

test('the search finds the marker, wherever it was planted', async () => {
  const rows = await planted.inDatabases(databases());
  const tables = new Set(rows.map((row) => tableOf(row)));
  expect([...tables].toSorted()).toEqual(
    expect.arrayContaining([
      'attempt',
      'case_private',
      'case_revision_private',
      'delivery',
      'event',
      'extraction_version_private',
      'ignored_file_private',
      'review_comment_private',
      'review_private',
      'upload_private',
    ]),
  );
  const all = rows.join('\n');
  for (const place of [
    'externalId',
    'reference',
    'metadata',
    'reason of a review',
    'assignee',
    'comment',
    'request',
    'corrected before the result',
    'corrected after the result',
    'corrected by a reviewer',
    'comment of the decision',
    'reason of a correction',
    'reason of a revision',
    'new externalId',
    'new metadata',
    'header of the answer',
    'header of the refusal',
  ])
    expect(all).toContain(text(place));
  // Bodies are stored as bytes.
  for (const place of ['body of the answer', 'body of the refusal'])
    expect(all).toContain(Buffer.from(text(place)).toString('hex'));
  expect(planted.inFiles(join(platform.folder, 'blobs')).length).toBeGreaterThan(0);
  expect((await traced.inDatabases(databases())).length).toBeGreaterThan(0);
});

/**
 * Kafka is not searched: what was published stays on the broker until the retention of its topic ends, as the documentation says.
 * Nor are the files of PostgreSQL, which keeps the bytes of deleted rows until a vacuum.
 */
test('after the deletion of the case, the marker is in no database, no blob, no other file and no log line', async () => {
  await partner.client.deleteCase(view.id);
  await vi.waitFor(async () => expect(await stored(planted)).toEqual([]), patience);
  await vi.waitFor(async () => expect(await stored(traced)).toEqual([]), patience);
  expect(planted.inLines(platform.services.output())).toEqual([]);
  // The lines were printed, and only those with the correlation id can have it.
  const lines = traced.inLines(platform.services.output());
  expect(lines.length).toBeGreaterThan(0);
  for (const line of lines) expect(JSON.parse(line).correlationId).toBe(`${tracer}-correlation`);
}, 150_000);

test('what stages write about a case that is deleted while they run is erased, too', async () => {
  const { client } = partner;
  const content = await invoiceWith(text('printed late'), 73);
  const { id } = await client.submit({
    files: [{ name: `${marker}-late.pdf`, bytes: content }],
    features: ['extraction', 'translation'],
    classify: false,
  });
  await client.deleteCase(id);
  // Without classification both stages are requested with the submission.
  const recorded = () =>
    platform.services
      .output()
      .split('\n')
      .filter((line) => line.includes('"stage.recorded"') && line.includes(id));
  await vi.waitFor(() => expect(recorded()).toHaveLength(2), patience);
  for (const line of recorded())
    expect(JSON.parse(line).domainEvents).toEqual(['LateResultReceived']);
  await vi.waitFor(async () => expect(await stored(planted)).toEqual([]), patience);
  expect(planted.inLines(platform.services.output())).toEqual([]);
}, 150_000);
