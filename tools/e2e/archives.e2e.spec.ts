import 'reflect-metadata';
import { randomUUID } from 'node:crypto';

import { formOf, type SubmittedFile } from '@casewire/client';
import { zipOf, type ZipFileEntry } from '@casewire/samples';
import { PDFDocument } from 'pdf-lib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { brokenPdf, notADocument, paddedPdf } from './bad-files.ts';
import { expectRefused } from './refused-submission.ts';
import { document, eventOf, TestPlatform, type Partner } from './test-platform.ts';

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

const entry = ({ name, bytes }: SubmittedFile, folder = ''): ZipFileEntry => ({
  name: folder + name,
  content: bytes,
});
const archive = (entries: ZipFileEntry[], name = 'documents.zip'): SubmittedFile => ({
  name,
  bytes: zipOf(entries),
});

test('part of TE-L1: a submission has files, ZIP archives among them, an external id, features and classify per file, and metadata', async () => {
  const listener = await partner.listen({ eventTypes: ['case.submitted', 'upload.received'] });
  const [invoice, passport, letter] = [
    await document('invoice'),
    await document('passport'),
    await document('letter'),
  ];
  const view = await partner.client.submit({
    files: [invoice, archive([entry(passport, 'a/b/'), { name: 'a/b/' }, entry(letter)])],
    externalId: 'applicant-1',
    features: [['extraction'], ['translation']],
    classify: [true, false],
    metadata: { branch: 'Vigo', floor: 2, vip: true },
    targetLanguage: 'es',
  });
  expect(view).toMatchObject({
    externalId: 'applicant-1',
    metadata: { branch: 'Vigo', floor: 2, vip: true },
    ignoredFiles: [],
  });
  const common = { targetLanguage: 'es' };
  const unpacked = {
    ...common,
    archive: 'documents.zip',
    classify: false,
    features: ['translation'],
  };
  expect(view.uploads).toMatchObject([
    {
      ...common,
      fileName: invoice.name,
      archive: null,
      classify: true,
      features: ['extraction'],
      size: invoice.bytes.length,
    },
    { ...unpacked, fileName: passport.name, size: passport.bytes.length },
    { ...unpacked, fileName: letter.name, size: letter.bytes.length },
  ]);
  await listener.receiver.until((requests) => requests.length >= 4);
  const events = listener.receiver.requests.map(eventOf);
  expect(new Set(events.map(({ payload }) => payload.caseId))).toEqual(new Set([view.id]));
});

test('what is in an archive and is not a document is listed, over all submissions of a case', async () => {
  const externalId = randomUUID();
  const submit = async (name: string) =>
    partner.client.submit({
      externalId,
      features: ['extraction'],
      files: [
        archive(
          [
            entry(await document('invoice')),
            entry(notADocument(), 'more/'),
            { name: 'empty.pdf' },
            { name: 'old.gz', content: Buffer.from([0x1f, 0x8b, 8]) },
            { ...entry(await document('letter')), name: 'secret.pdf', flags: 0x801 },
          ],
          name,
        ),
      ],
    });
  const ignored = (name: string) => [
    { archive: name, path: 'more/notes.txt', reason: 'not_a_document' },
    { archive: name, path: 'empty.pdf', reason: 'empty' },
    { archive: name, path: 'old.gz', reason: 'archive' },
    { archive: name, path: 'secret.pdf', reason: 'encrypted' },
  ];
  expect((await submit('one.zip')).ignoredFiles).toEqual(ignored('one.zip'));
  const both = await submit('two.zip');
  expect(both.uploads).toHaveLength(2);
  expect(both.ignoredFiles).toEqual([...ignored('one.zip'), ...ignored('two.zip')]);
});

test('an archive with the same Idempotency-Key gets the same response, another archive is refused', async () => {
  const key = randomUUID();
  const file = archive([entry(await document('invoice'))]);
  const first = await partner.client.submit({ files: [file] }, key);
  expect(await partner.client.submit({ files: [file] }, key)).toEqual(first);
  const other = archive([entry(await document('invoice'))]);
  const headers = { 'idempotency-key': key };
  const body = formOf({ files: [other] });
  await expectRefused(own(), { body, headers }, 422, 'IDEMPOTENCY_KEY_REUSED');
});

describe('an archive that is refused', () => {
  const refused: [string, (invoice: ZipFileEntry) => ZipFileEntry[], number, string][] = [
    [
      'with a path that leads out',
      (a) => [a, { ...a, name: '../a.pdf' }],
      422,
      'ARCHIVE_PATH_UNSAFE',
    ],
    ['with an absolute path', (a) => [a, { ...a, name: '/a.pdf' }], 422, 'ARCHIVE_PATH_UNSAFE'],
    ['with a backslash', (a) => [a, { ...a, name: 'a\\b.pdf' }], 422, 'ARCHIVE_PATH_UNSAFE'],
    ['with a drive', (a) => [a, { ...a, name: 'C:a.pdf' }], 422, 'ARCHIVE_PATH_UNSAFE'],
    [
      'with an archive in it',
      (a) => [a, { name: 'b', content: zipOf([a]) }],
      422,
      'ARCHIVE_NESTED',
    ],
    ['with a symbolic link', (a) => [a, { name: 'l', mode: 0o120777 }], 422, 'ARCHIVE_INVALID'],
    ['with a name twice', (a) => [a, a], 422, 'ARCHIVE_INVALID'],
    ['with overlapping entries', (a) => [a, { ...a, sameAs: 0 }], 422, 'ARCHIVE_INVALID'],
    ['without a document', () => [entry(notADocument())], 422, 'ARCHIVE_EMPTY'],
    [
      'with a bomb',
      (a) => [a, { name: 'b', content: Buffer.alloc(31 * megabyte), claimedSize: 9 }],
      413,
      'ARCHIVE_TOO_LARGE',
    ],
    [
      'with 201 entries',
      (a) => [a, ...Array.from({ length: 200 }, (_, i) => ({ name: `${i}` }))],
      413,
      'ARCHIVE_TOO_LARGE',
    ],
    ['with a broken PDF', (a) => [a, entry(brokenPdf())], 422, 'DOCUMENT_UNREADABLE'],
    ['with a misnamed PDF', (a) => [{ ...a, name: 'a.png' }], 415, 'FILE_EXTENSION_MISMATCH'],
  ];
  test.each(refused)('%s', async (_, entries, status, code) => {
    const files = [await document('letter'), archive(entries(entry(await document('invoice'))))];
    const problem = await expectRefused(own(), { body: formOf({ files }) }, status, code);
    expect(problem.errors?.[0]?.field).toBe('files.1');
  });

  test('because its name is that of another type', async () => {
    const file = archive([entry(await document('invoice'))], 'letter.docx');
    const body = formOf({ files: [file] });
    await expectRefused(own(), { body }, 415, 'FILE_EXTENSION_MISMATCH');
  });
});

test('part of TE-L2: a submission has 20 documents of 30 MB, 40 MB in total and 130 pages each, those of archives included', async () => {
  const documents = await Promise.all(Array.from({ length: 21 }, () => document('invoice')));
  const numbered = documents.map(({ bytes }, i) => ({ name: `${i}.pdf`, content: bytes }));
  const features = ['extraction' as const];
  const refuse = (files: SubmittedFile[], status: number, code: string) =>
    expectRefused(own(), { body: formOf({ files, features }) }, status, code);

  const text = { name: 'read me.txt', content: Buffer.from('hello') };
  const twenty = [archive([...numbered.slice(0, 10), text]), ...documents.slice(10, 20)];
  const view = await partner.client.submit({ files: twenty, features });
  expect(view.uploads).toHaveLength(20);
  expect(view.ignoredFiles).toEqual([
    { archive: 'documents.zip', path: 'read me.txt', reason: 'not_a_document' },
  ]);
  await refuse([archive(numbered)], 400, 'TOO_MANY_FILES');
  await refuse([archive(numbered.slice(0, 20)), documents[20]!], 400, 'TOO_MANY_FILES');

  const [large, tooLarge] = [await paddedPdf(30 * megabyte), await paddedPdf(30 * megabyte + 1)];
  expect((await partner.client.submit({ files: [large], features })).uploads).toHaveLength(1);
  const { uploads } = await partner.client.submit({ files: [archive([entry(large)])], features });
  expect(uploads).toMatchObject([{ size: 30 * megabyte }]);
  await refuse([tooLarge], 413, 'UPLOAD_TOO_LARGE');
  await refuse([archive([entry(tooLarge)])], 413, 'ARCHIVE_TOO_LARGE');

  const eleven = await paddedPdf(11 * megabyte);
  await refuse([large, eleven], 413, 'UPLOAD_TOO_LARGE');
  await refuse([large, archive([entry(eleven)])], 413, 'ARCHIVE_TOO_LARGE');
  await refuse([archive([entry(eleven)]), large], 413, 'ARCHIVE_TOO_LARGE');

  const pdf = async (pages: number) => {
    const made = await PDFDocument.create();
    for (let page = 0; page < pages; page++) made.addPage([50, 50]);
    return { name: 'pages.pdf', bytes: await made.save() };
  };
  const accepted = await partner.client.submit({
    files: [archive([entry(await pdf(130))])],
    features,
  });
  expect(accepted.uploads).toMatchObject([{ pages: 130 }]);
  await refuse([await pdf(131)], 422, 'DOCUMENT_TOO_MANY_PAGES');
  await refuse([archive([entry(await pdf(131))])], 422, 'DOCUMENT_TOO_MANY_PAGES');
}, 120_000);
