import 'reflect-metadata';
import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { formOf, PartnerClient, type Submission } from '@casewire/client';
import { Problem } from '@casewire/contracts';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import {
  brokenPdf,
  empty,
  encryptedPdf,
  hugePng,
  notADocument,
  paddedPdf,
  svg,
  zipWithPdf,
} from './bad-files.ts';
import { document, TestPlatform, type Partner } from './test-platform.ts';

let platform: TestPlatform;
let partner: Partner;
beforeAll(async () => {
  // No stage needs to be at work: what is refused here never reaches one.
  platform = await TestPlatform.start({ stages: [] });
  partner = await platform.partner();
});
afterAll(() => platform.stop());

const megabyte = 1024 * 1024;
const filesBelow = (folder: string) => {
  const path = join(platform.folder, folder);
  return existsSync(path)
    ? readdirSync(path, { recursive: true, withFileTypes: true }).filter(
        (entry) => entry.isFile() && !entry.name.endsWith('.lock'),
      )
    : [];
};

async function post(
  form: FormData | string,
  headers: Record<string, string> = {},
  key = partner.key,
) {
  const response = await fetch(`${platform.url}/partner/v1/cases`, {
    method: 'POST',
    headers: { 'x-api-key': key, ...headers },
    body: form,
  });
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: await response.json(),
  };
}

async function refused(
  form: FormData | string,
  status: number,
  code: string,
  headers = {},
  key = partner.key,
): Promise<Problem> {
  const before = {
    cases: (await partner.client.cases({ limit: 100 })).items.length,
    blobs: filesBelow('blobs').length,
  };
  const answer = await post(form, headers, key);
  expect([answer.status, (answer.body as Problem).code]).toEqual([status, code]);
  expect(answer.type).toMatch(/^application\/problem\+json/);
  // Nothing half-written: no case, no blob, nothing left of the upload.
  expect((await partner.client.cases({ limit: 100 })).items.length).toBe(before.cases);
  await expect
    .poll(() => filesBelow('blobs').length, { timeout: 5000 })
    .toBeLessThanOrEqual(before.blobs);
  expect(filesBelow('incoming')).toEqual([]);
  return Problem.parse(answer.body);
}

describe('a file that is refused', () => {
  test.each([
    ['of an unsupported type', notADocument, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['that is SVG', svg, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['that is a ZIP archive with a PDF in it', zipWithPdf, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['that is empty', empty, 422, 'DOCUMENT_EMPTY'],
    ['that is a PDF of which no page opens', brokenPdf, 422, 'DOCUMENT_UNREADABLE'],
    ['that is an encrypted PDF', encryptedPdf, 422, 'DOCUMENT_ENCRYPTED'],
    ['of few bytes and 16,000 x 16,000 pixels', hugePng, 422, 'DOCUMENT_TOO_LARGE_PIXELS'],
    [
      'with the extension of another type',
      async () => ({ ...(await document('invoice')), name: 'invoice.png' }),
      415,
      'FILE_EXTENSION_MISMATCH',
    ],
  ])('%s', async (_, make, status, code) => {
    const problem = await refused(formOf({ files: [await make()] }), status, code);
    expect(problem.errors?.[0]?.field).toBe('files.0');
  });

  test('the huge PNG has few bytes', () => {
    expect(hugePng().bytes.length).toBeLessThan(64 * 1024);
  });

  test('beside good ones is named by its place', async () => {
    const files = [await document('invoice'), brokenPdf()];
    const problem = await refused(formOf({ files }), 422, 'DOCUMENT_UNREADABLE');
    expect(problem.errors?.[0]?.field).toBe('files.1');
  });
});

describe('an upload that is too large', () => {
  test('21 files', async () => {
    const one = await document('invoice');
    await refused(formOf({ files: Array.from({ length: 21 }, () => one) }), 400, 'TOO_MANY_FILES');
  });

  test('41 MB in two files', async () => {
    const files = [await paddedPdf(20 * megabyte), await paddedPdf(20.9 * megabyte)];
    await refused(formOf({ files }), 413, 'UPLOAD_TOO_LARGE');
  });

  test('one file of 31 MB', async () => {
    const problem = await refused(
      formOf({ files: [await paddedPdf(31 * megabyte)] }),
      413,
      'UPLOAD_TOO_LARGE',
    );
    expect(problem.errors?.[0]).toEqual({ field: 'files.0', rule: 'must be no more than 30 MB' });
  });
});

describe('fields that are refused', () => {
  const withFields = async (
    fields: Record<string, string>,
    submission: Partial<Submission> = {},
  ) => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) form.set(name, value);
    for (const [name, value] of formOf({ files: [await document('invoice')], ...submission }))
      form.append(name, value);
    return form;
  };

  test.each([
    [{ features: '["magic"]' }, 400, 'VALIDATION_FAILED', 'features.0'],
    [{ features: '[extraction' }, 400, 'MALFORMED_JSON', 'features'],
    [{ externalId: 'a\0b' }, 400, 'VALIDATION_FAILED', 'externalId'],
    [{ externalId: 'x'.repeat(129) }, 400, 'VALIDATION_FAILED', 'externalId'],
    [{ metadata: '{"a":"b\\u0000"}' }, 400, 'VALIDATION_FAILED', 'metadata.a'],
    [{ metadata: '{"a":{"b":1}}' }, 400, 'VALIDATION_FAILED', 'metadata.a'],
    [{ colour: 'red' }, 400, 'VALIDATION_FAILED', 'colour'],
    [
      { classify: 'false', features: 'forensics' },
      422,
      'FORENSICS_NEEDS_CLASSIFICATION',
      'classify',
    ],
    [{ metadata: '{"a":"\\ud800"}' }, 400, 'VALIDATION_FAILED', 'metadata.a'],
    [{ metadata: '{"\\ud800":1}' }, 400, 'VALIDATION_FAILED', 'metadata'],
    [{ classify: '[true,true]' }, 400, 'VALIDATION_FAILED', 'classify'],
  ])('%j', async (fields, status, code, field) => {
    const problem = await refused(await withFields(fields), status, code);
    expect(problem.errors?.[0]?.field).toBe(field);
  });

  test('a feature that the organization is not provisioned for', async () => {
    const poor = await platform.partner({ features: ['extraction'] });
    const form = await withFields({ features: '["extraction","translation"]' });
    await refused(form, 403, 'FEATURE_NOT_PROVISIONED', {}, poor.key);
  });

  test('no file', async () => {
    const form = new FormData();
    form.set('externalId', 'a');
    const problem = await refused(form, 400, 'VALIDATION_FAILED');
    expect(problem.errors?.[0]?.field).toBe('files');
  });

  test('a file name with the character NUL', async () => {
    const { bytes } = await document('invoice');
    const boundary = 'b';
    const head = `--${boundary}\r\ncontent-disposition: form-data; name="files"; filename="a\0.pdf"\r\n\r\n`;
    const body = Buffer.concat([
      Buffer.from(head),
      bytes,
      Buffer.from(`\r\n--${boundary}--\r\n`),
    ]).toString('latin1');
    await refused(body, 400, 'MALFORMED_MULTIPART', {
      'content-type': `multipart/form-data; boundary=${boundary}`,
    });
  });

  test('a body that is not multipart, and one that breaks off', async () => {
    await refused('{}', 415, 'NOT_MULTIPART', { 'content-type': 'application/json' });
    const head = '--b\r\ncontent-disposition: form-data; name="externalId"\r\n\r\nx';
    await refused(head, 400, 'MALFORMED_MULTIPART', {
      'content-type': 'multipart/form-data; boundary=b',
    });
  });
});

describe('a caller that is refused', () => {
  test.each(['', 'nonsense', `cw_test_${'0'.repeat(18)}_${'0'.repeat(64)}`])(
    'the key %j',
    async (key) => {
      await refused(formOf({ files: [await document('invoice')] }), 401, 'UNAUTHORIZED', {}, key);
    },
  );

  test('another organization’s case answers as if it were not there, on every route', async () => {
    const { id } = await partner.client.submit({
      files: [await document('invoice')],
      features: ['extraction'],
    });
    const stranger = (await platform.partner()).client;
    const other = new PartnerClient(
      platform.url,
      (await platform.operator.createApiKey(partner.organizationId, { environment: 'production' }))
        .key,
    );
    for (const client of [stranger, other]) {
      const routes = [
        client.case(id),
        client.results(id, 'extraction'),
        client.results(id, 'classification'),
        client.deleteCase(id),
      ];
      for (const answer of await Promise.allSettled(routes)) {
        expect(answer).toMatchObject({
          status: 'rejected',
          reason: { status: 404, problem: { code: 'NOT_FOUND' } },
        });
      }
    }
    await expect(partner.client.case('no-id')).rejects.toMatchObject({ status: 400 });
  });

  test('malformed JSON, and JSON of the wrong shape, on a JSON route', async () => {
    const response = await fetch(`${platform.url}/registry/v1/endpoints`, {
      method: 'POST',
      headers: { 'x-api-key': partner.key, 'content-type': 'application/json' },
      body: '{"url":',
    });
    expect([response.status, ((await response.json()) as Problem).code]).toEqual([
      400,
      'MALFORMED_JSON',
    ]);
    await expect(
      partner.client.createEndpoint({ url: 'ftp://x', eventTypes: [] }),
    ).rejects.toMatchObject({
      status: 400,
      problem: { errors: [{ field: 'url' }, { field: 'eventTypes' }] },
    });
    await expect(
      partner.client.createEndpoint({ url: 'https://example.com', eventTypes: ['case.nothing'] }),
    ).rejects.toMatchObject({
      status: 422,
      problem: { code: 'EVENT_TYPE_UNKNOWN' },
    });
  });
});

describe('an Idempotency-Key', () => {
  test('gives the same submission the same answer, and another one a refusal', async () => {
    const file = await document('invoice');
    const submission = { files: [file], features: ['extraction' as const] };
    const key = randomUUID();
    const first = await partner.client.submit(submission, key);
    expect(await partner.client.submit(submission, key)).toEqual(first);
    await refused(
      formOf({ ...submission, features: ['translation'] }),
      422,
      'IDEMPOTENCY_KEY_REUSED',
      { 'idempotency-key': key },
    );
    await refused(
      formOf({ ...submission, files: [await document('invoice')] }),
      422,
      'IDEMPOTENCY_KEY_REUSED',
      { 'idempotency-key': key },
    );
    await refused(formOf(submission), 400, 'IDEMPOTENCY_KEY_INVALID', {
      'idempotency-key': 'two words',
    });
  });

  test('of fifty requests at once makes one case, and all fifty are told the same', async () => {
    const other = await platform.partner();
    const file = await document('invoice');
    const key = randomUUID();
    const views = await Promise.all(
      Array.from({ length: 50 }, () =>
        other.client.submit({ files: [file], features: ['extraction'] }, key),
      ),
    );
    expect(new Set(views.map(({ id }) => id)).size).toBe(1);
    expect((await other.client.cases()).items).toHaveLength(1);
    const uploads = join(platform.folder, 'blobs', 'blobs', 'uploads', other.organizationId);
    // What the forty-nine others had stored is removed.
    await expect
      .poll(() => readdirSync(uploads), { timeout: 10_000 })
      .toEqual([views[0]!.uploads[0]!.id]);
  }, 90_000);

  test('TE-L3 ten uploads at once with one externalId come to one case; after its deletion to none', async () => {
    const other = await platform.partner();
    const files = await Promise.all(Array.from({ length: 10 }, () => document('invoice')));
    const views = await Promise.all(
      files.map((file) =>
        other.client.submit({ files: [file], features: ['extraction'], externalId: 'same' }),
      ),
    );
    expect(new Set(views.map(({ id }) => id)).size).toBe(1);
    expect((await other.client.case(views[0]!.id)).uploads).toHaveLength(10);
    await other.client.deleteCase(views[0]!.id);
    await expect(
      other.client.submit({ files: [files[0]!], features: ['extraction'], externalId: 'same' }),
    ).rejects.toMatchObject({
      status: 409,
      problem: { code: 'CASE_DELETED' },
    });
  });
});
