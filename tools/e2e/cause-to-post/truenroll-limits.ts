import { formOf, type SubmittedFile } from '@casewire/client';
import { zipOf } from '@casewire/samples';
import { PDFDocument } from 'pdf-lib';
import { describe, expect, test } from 'vitest';

import { paddedPdf } from '../bad-files.ts';
import type { RunningPlatform, TestPlatform } from '../test-platform.ts';
import { bodyOf, receivedOnce, sample } from './received.ts';
import { namesOfCase } from './truenroll-form.ts';

const megabyte = 1024 * 1024;

async function blankPdf(pages: number): Promise<SubmittedFile> {
  const pdf = await PDFDocument.create();
  for (let page = 0; page < pages; page++) pdf.addPage([50, 50]);
  return { name: `${pages}-pages.pdf`, bytes: await pdf.save() };
}

/** Twenty files with the given sizes in total, the first of them with the given size, and one with 130 pages. */
async function filesUpToTheLimits(first: number, total: number): Promise<SubmittedFile[]> {
  const pages = await blankPdf(130);
  const small = await Promise.all(Array.from({ length: 17 }, () => sample('invoice')));
  const used = [pages, ...small].reduce((sum, { bytes }) => sum + bytes.length, first);
  return [await paddedPdf(first), await paddedPdf(total - used), pages, ...small];
}

/** The limits of a submission: what is at a limit is accepted, what is above it is refused. */
export function limitScenarios(platform: () => TestPlatform<RunningPlatform>): void {
  describe('TE-L2', () => {
    test('20 files with 40 MB in total, one with 30 MB and one with 130 pages, are accepted', async () => {
      const partner = await platform().partner();
      const { receiver } = await partner.listen({ dialect: 'truenroll' });
      const files = await filesUpToTheLimits(30 * megabyte, 40 * megabyte);
      const { id, uploads } = await partner.client.submit({
        files,
        features: files.map((_, i) => (i === 19 ? ['extraction' as const] : [])),
        classify: false,
      });
      const sizes = uploads.map(({ size }) => size);
      expect([sizes.length, sizes[0], sizes.reduce((sum, size) => sum + size)]).toEqual([
        20,
        30 * megabyte,
        40 * megabyte,
      ]);
      expect(uploads[2]).toMatchObject({ pages: 130 });
      const [request] = await receivedOnce(partner.client, id, receiver, 1);
      expect(bodyOf(request!).eventName).toBe('case.extraction.completed');
    });

    test.each<[string, () => Promise<SubmittedFile[]>, number, string, string]>([
      [
        '21 files',
        () => Promise.all(Array.from({ length: 21 }, () => blankPdf(1))),
        400,
        'TOO_MANY_FILES',
        'files',
      ],
      [
        'a file of more than 30 MB',
        async () => [await paddedPdf(30 * megabyte + 1)],
        413,
        'UPLOAD_TOO_LARGE',
        'files.0',
      ],
      [
        'more than 40 MB in total',
        async () => [await paddedPdf(30 * megabyte), await paddedPdf(10 * megabyte + 1)],
        413,
        'UPLOAD_TOO_LARGE',
        'files',
      ],
      [
        'a PDF of 131 pages',
        async () => [await blankPdf(131)],
        422,
        'DOCUMENT_TOO_MANY_PAGES',
        'files.0',
      ],
    ])('%s: refused', async (_, make, status, code, field) => {
      const { client, key } = await platform().partner();
      const response = await fetch(`${platform().url}/partner/v1/cases`, {
        method: 'POST',
        headers: { 'x-api-key': key },
        body: formOf({ files: await make() }),
      });
      expect([response.status, await response.json()]).toMatchObject([
        status,
        { code, errors: [{ field }] },
      ]);
      expect((await client.cases()).items).toEqual([]);
    });

    test('what is not a document in a ZIP archive is listed, and not processed', async () => {
      const partner = await platform().partner();
      const { receiver } = await partner.listen({ dialect: 'truenroll' });
      const { bytes } = await sample('invoice');
      const archive = zipOf([
        { name: 'notes.txt', content: Buffer.from('Dear Sir or Madam') },
        { name: 'scans/invoice.pdf', content: bytes },
        { name: 'scans/empty.pdf' },
        { name: 'older.tar.gz', content: Buffer.from([0x1f, 0x8b, 8, 0]) },
        { name: 'locked.pdf', content: bytes, flags: 0x801 },
      ]);
      const view = await partner.client.submit({
        files: [{ name: 'papers.zip', bytes: archive }],
        features: ['extraction'],
        externalId: 'applicant-1',
      });
      const ignored = [
        { archive: 'papers.zip', path: 'notes.txt', reason: 'not_a_document' },
        { archive: 'papers.zip', path: 'scans/empty.pdf', reason: 'empty' },
        { archive: 'papers.zip', path: 'older.tar.gz', reason: 'archive' },
        { archive: 'papers.zip', path: 'locked.pdf', reason: 'encrypted' },
      ];
      const requests = await receivedOnce(partner.client, view.id, receiver, 2);
      expect(namesOfCase(requests, view)).toEqual([
        'case.classification.completed',
        'case.extraction.completed',
      ]);
      expect(await partner.client.case(view.id)).toMatchObject({
        status: 'completed',
        ignoredFiles: ignored,
        uploads: [{ fileName: 'invoice.pdf', archive: 'papers.zip', documentType: 'invoice' }],
      });
    });
  });
}
