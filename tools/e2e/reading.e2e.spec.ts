import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import { PartnerClient, type DownloadedFile } from '@casewire/client';
import type { CaseView, Scope } from '@casewire/contracts';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import {
  document,
  eventOf,
  TestPlatform,
  untilCompleted,
  type Listener,
  type Partner,
} from './test-platform.ts';

let platform: TestPlatform;
let partner: Partner;
let listener: Listener;
let view: CaseView;
const fileName = 'Kontoauszug März “1”.pdf';
let uploaded: Uint8Array;
beforeAll(async () => {
  platform = await TestPlatform.start();
  partner = await platform.partner();
  listener = await partner.listen();
  const { bytes } = await document('bank_statement_overlay');
  uploaded = bytes;
  view = await partner.client.submit({
    files: [{ name: fileName, bytes }],
    externalId: 'applicant-1',
    reference: 'link-1',
  });
  await listener.receiver.until((requests) =>
    requests.some((request) => eventOf(request).eventName === 'case.completed'),
  );
}, 120_000);
afterAll(() => platform.stop());

const upload = () => view.uploads[0]!.id;
const bytesOf = async ({ bytes }: DownloadedFile) =>
  Buffer.from(await new Response(bytes).arrayBuffer());
const keyWith = (...scopes: Scope[]) =>
  platform.operator.createApiKey(partner.organizationId, { environment: 'sandbox', scopes });
const get = (path: string, key = partner.key) =>
  fetch(`${platform.url}/partner/v1/cases/${path}`, { headers: { 'x-api-key': key } });

describe('a list of cases', () => {
  test('has the cases that match all conditions, page by page', async () => {
    const { client } = await platform.partner();
    const submit = async (externalId: string, reference: string) =>
      client.submit({
        files: [await document('invoice')],
        features: ['extraction'],
        externalId,
        reference,
      });
    const [first, second] = [await submit('a', 'link-1'), await submit('b', 'link-1')];
    const third = await submit('c', 'link-2');
    await expect
      .poll(async () => (await client.cases({ status: 'completed' })).items, { timeout: 20_000 })
      .toHaveLength(3);
    const ids = async (filter: Parameters<typeof client.cases>[0]) =>
      (await client.cases(filter)).items.map(({ id }) => id);
    expect(await ids({ reference: 'link-1' })).toEqual([second.id, first.id]);
    expect(await ids({ externalId: 'c' })).toEqual([third.id]);
    expect(await ids({ externalId: 'c', reference: 'link-1' })).toEqual([]);
    expect(await ids({ externalId: 'nobody' })).toEqual([]);
    expect(await ids({ result: 'succeeded', to: third.submittedAt })).toEqual([
      second.id,
      first.id,
    ]);
    expect(await ids({ from: third.submittedAt })).toEqual([third.id]);
    expect(await ids({ result: 'failed' })).toEqual([]);
    const page = await client.cases({ reference: 'link-1', limit: 1 });
    expect(page.items.map(({ id }) => id)).toEqual([second.id]);
    expect(await ids({ reference: 'link-1', limit: 1, cursor: page.next! })).toEqual([first.id]);
    await client.deleteCase(third.id);
    expect(await ids({ externalId: 'c' })).toEqual([]);
  });

  test.each([
    ['status', 'deleted'],
    ['result', 'good'],
    ['externalId', ''],
    ['from', 'yesterday'],
    ['to', '2026-01-01'],
    ['cursor', 'x'],
    ['unknown', '1'],
  ])('with an invalid %s is refused, and the error names it', async (field, value) => {
    const response = await get(`?${new URLSearchParams({ [field]: value }).toString()}`);
    expect([response.status, await response.json()]).toMatchObject([400, { errors: [{ field }] }]);
  });
});

test('the results of all stages are one answer, equal to those of each stage', async () => {
  const { client } = partner;
  const all = await client.allResults(view.id);
  expect(all).toMatchObject({ caseId: view.id, status: 'completed', result: 'succeeded' });
  const { stages, documentType, assessment } = all.uploads[0]!;
  expect([documentType, assessment?.number]).toEqual(['bank_statement', 1]);
  for (const stage of ['classification', 'extraction', 'forensics', 'translation'] as const) {
    const { uploadId, ...result } = (await client.results(view.id, stage)).uploads[0]!;
    expect([uploadId, stages[stage]]).toEqual([upload(), result]);
    expect(result.version).toBe(stage === 'extraction' ? 1 : null);
  }
});

test('an extraction is read by its version, and has a list of its versions', async () => {
  const { client } = partner;
  expect(await client.extraction(view.id, 1)).toEqual(await client.extraction(view.id));
  await expect(client.extraction(view.id, 2)).rejects.toMatchObject({
    problem: { status: 404, code: 'VERSION_UNKNOWN' },
  });
  const { versions } = await client.extractionVersions(view.id, upload());
  expect(versions).toMatchObject([{ version: 1, cause: 'run', run: 1, revisedBy: null }]);
  const { revisions } = await client.revisions(view.id);
  expect(revisions).toMatchObject([
    { revision: 1, externalId: 'applicant-1', reference: 'link-1', revisedBy: null },
  ]);
});

test('the events of a case have the ids and the data of their deliveries', async () => {
  await untilCompleted(listener, view);
  const { client } = partner;
  const read = () => client.events(view.id, { limit: 100 });
  // An event may be delivered before it is marked as published.
  await expect.poll(async () => (await read()).items.filter((one) => !one.published)).toEqual([]);
  const { items, next } = await read();
  expect(next).toBeNull();
  const received = new Map(
    listener.receiver.requests.map((request) => [
      request.headers['webhook-id'],
      { type: eventOf(request).eventName, data: eventOf(request).payload },
    ]),
  );
  expect(items.map(({ id }) => id).toSorted()).toEqual([...received.keys()].toSorted());
  // The dialect leaves fields of some events out.
  for (const { id, ...event } of items) expect(event).toMatchObject(received.get(id)!);
  const first = await client.events(view.id, { limit: 2 });
  const rest = await client.events(view.id, { limit: 100, cursor: first.next! });
  expect([...first.items, ...rest.items]).toEqual(items);
});

test('the timeline of the client has each moment and each delivery of a case, joined and in order of time', async () => {
  await untilCompleted(listener, view);
  const { client } = partner;
  const timeline = await client.timeline(view.id);
  const times = timeline.map(({ at }) => Date.parse(at));
  expect(times).toEqual(times.toSorted((one, other) => one - other));
  const { entries } = await client.moments(view.id);
  const moments = timeline.flatMap((item) => (item.kind === 'moment' ? [item] : []));
  expect(moments.map(({ moment }) => moment)).toEqual(entries);
  const events = (await client.events(view.id, { limit: 100 })).items;
  const delivered = moments.flatMap(({ deliveries }) => deliveries.map(({ eventId }) => eventId));
  expect(delivered.toSorted()).toEqual(events.map(({ id }) => id).toSorted());
  const settled = timeline.filter(({ kind }) => kind === 'delivery.settled');
  expect(settled).toHaveLength(events.length);
  expect(settled.filter((item) => item.moment === null)).toEqual([]);
});

describe('a document', () => {
  test('is returned as it was uploaded, guarded against browsers', async () => {
    const response = await get(`${view.id}/uploads/${upload()}/document`);
    expect(response.status).toBe(200);
    const { headers } = response;
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'application/pdf',
      'content-length': String(uploaded.byteLength),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'content-security-policy': 'sandbox',
    });
    const disposition = headers.get('content-disposition')!;
    expect(disposition).toMatch(/^attachment; filename="/);
    const [, encoded] = /filename\*=UTF-8''([^;]*)/.exec(disposition)!;
    expect(decodeURIComponent(encoded!)).toBe(fileName);
    expect(Buffer.from(await response.arrayBuffer()).equals(uploaded)).toBe(true);
    const read = await partner.client.document(view.id, upload());
    expect((await bytesOf(read)).equals(uploaded)).toBe(true);
  });

  test('has each of its pages as PNG', async () => {
    const { pages } = view.uploads[0]!;
    const page = await partner.client.pageImage(view.id, upload(), pages);
    expect(page.mediaType).toBe('image/png');
    const { format, width, height } = await sharp(await bytesOf(page)).metadata();
    expect(format).toBe('png');
    expect([width, height].every((side) => side > 1000)).toBe(true);
    await expect(partner.client.pageImage(view.id, upload(), pages + 1)).rejects.toMatchObject({
      status: 404,
    });
  });

  test('has the pictures of its findings as PNG', async () => {
    const { client } = partner;
    const { result } = (await client.results(view.id, 'forensics')).uploads[0]!;
    const { findings } = result as unknown as { findings: { image: string | null }[] };
    const number = findings.findIndex(({ image }) => image !== null) + 1;
    expect(number).toBeGreaterThan(0);
    const picture = await client.findingImage(view.id, upload(), number);
    expect((await sharp(await bytesOf(picture)).metadata()).format).toBe('png');
    await expect(client.findingImage(view.id, upload(), findings.length + 1)).rejects.toMatchObject(
      { status: 404 },
    );
  });

  const routes = ['document', 'pages/1', 'findings/1/image'];

  test('needs a scope of its own', async () => {
    const { key } = await keyWith('cases:read');
    const { key: reader } = await keyWith('documents:read');
    for (const route of routes) {
      const path = `${view.id}/uploads/${upload()}/${route}`;
      expect([route, (await get(path, key)).status]).toEqual([route, 403]);
      expect([route, (await get(path, reader)).status]).toEqual([route, 200]);
    }
    await expect(new PartnerClient(platform.url, reader).allResults(view.id)).rejects.toMatchObject(
      { status: 403 },
    );
  });

  test.each([
    ['pages/0', 'page'],
    ['pages/1e3', 'page'],
    ['findings/x/image', 'number'],
  ])('%s is refused, and the error names the field', async (route, field) => {
    const response = await get(`${view.id}/uploads/${upload()}/${route}`);
    expect([response.status, await response.json()]).toMatchObject([400, { errors: [{ field }] }]);
  });

  test('of another upload, another organization or a deleted case is a 404', async () => {
    const stranger = await platform.partner();
    const { client } = partner;
    const other = await client.submit({
      files: [await document('invoice')],
      features: ['extraction'],
    });
    const paths = (caseId: string, uploadId: string) =>
      routes.map((route) => `${caseId}/uploads/${uploadId}/${route}`);
    for (const path of paths(view.id, upload()))
      expect([path, (await get(path, stranger.key)).status]).toEqual([path, 404]);
    for (const path of [...paths(other.id, upload()), ...paths(view.id, randomUUID())])
      expect([path, (await get(path)).status]).toEqual([path, 404]);
    await client.deleteCase(other.id);
    for (const path of paths(other.id, other.uploads[0]!.id))
      expect([path, (await get(path)).status]).toEqual([path, 404]);
  });
});
