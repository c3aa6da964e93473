import 'reflect-metadata';
import { formOf } from '@casewire/client';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import {
  brokenPdf,
  cutZip,
  empty,
  encryptedPdf,
  hugePng,
  notADocument,
  paddedPdf,
  svg,
} from './bad-files.ts';
import { expectRefused } from './refused-submission.ts';
import { document, TestPlatform, type Partner } from './test-platform.ts';

let platform: TestPlatform;
let partner: Partner;
beforeAll(async () => {
  // A submission is checked before any stage runs.
  platform = await TestPlatform.start({ stages: [] });
  partner = await platform.partner();
});
afterAll(() => platform.stop());

const own = () => ({ platform, partner });

const megabyte = 1024 * 1024;

describe('a file that is refused', () => {
  test.each([
    ['of an unsupported type', notADocument, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['that is SVG', svg, 415, 'UNSUPPORTED_MEDIA_TYPE'],
    ['that is a ZIP archive that was cut off behind a PDF', cutZip, 422, 'ARCHIVE_INVALID'],
    ['that is empty', empty, 422, 'DOCUMENT_EMPTY'],
    ['that is a PDF without a readable page', brokenPdf, 422, 'DOCUMENT_UNREADABLE'],
    ['that is an encrypted PDF', encryptedPdf, 422, 'DOCUMENT_ENCRYPTED'],
    ['with few bytes and 16,000 x 16,000 pixels', hugePng, 422, 'DOCUMENT_TOO_LARGE_PIXELS'],
    [
      'with the extension of another type',
      async () => ({ ...(await document('invoice')), name: 'invoice.png' }),
      415,
      'FILE_EXTENSION_MISMATCH',
    ],
  ])('%s', async (_, make, status, code) => {
    const problem = await expectRefused(
      own(),
      { body: formOf({ files: [await make()] }) },
      status,
      code,
    );
    expect(problem.errors?.[0]?.field).toBe('files.0');
  });

  test('the huge PNG has few bytes', () => {
    expect(hugePng().bytes.length).toBeLessThan(64 * 1024);
  });

  test('is named by its place among valid files', async () => {
    const files = [await document('invoice'), brokenPdf()];
    const problem = await expectRefused(
      own(),
      { body: formOf({ files }) },
      422,
      'DOCUMENT_UNREADABLE',
    );
    expect(problem.errors?.[0]?.field).toBe('files.1');
  });
});

describe('an upload that is too large', () => {
  test('21 files', async () => {
    const one = await document('invoice');
    await expectRefused(
      own(),
      { body: formOf({ files: Array.from({ length: 21 }, () => one) }) },
      400,
      'TOO_MANY_FILES',
    );
  });

  test('41 MB in two files', async () => {
    const files = [await paddedPdf(20 * megabyte), await paddedPdf(20.9 * megabyte)];
    await expectRefused(own(), { body: formOf({ files }) }, 413, 'UPLOAD_TOO_LARGE');
  });

  test('one file of 31 MB', async () => {
    const problem = await expectRefused(
      own(),
      { body: formOf({ files: [await paddedPdf(31 * megabyte)] }) },
      413,
      'UPLOAD_TOO_LARGE',
    );
    expect(problem.errors?.[0]).toEqual({ field: 'files.0', rule: 'must be no more than 30 MB' });
  });
});
