import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';

import { generate, zipOf, type ZipFileEntry } from '@casewire/samples';
import { sharedSandbox } from '@casewire/sandbox';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { isArchive, unpack } from './unpack.ts';

const megabyte = 1024 * 1024;
const totalBytes = 40 * megabyte;

let folder: string;
let pdf: Buffer;
let png: Buffer;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'casewire-unpack-'));
  pdf = Buffer.from((await generate('invoice', { seed: 1 })).bytes);
  png = Buffer.from((await generate('passport', { seed: 1 })).bytes);
});
afterAll(async () => {
  sharedSandbox().stop();
  await rm(folder, { recursive: true });
});

async function unpacked(bytes: Uint8Array, limit = totalBytes) {
  const [archive, into] = [join(folder, 'a.zip'), join(folder, 'documents')];
  await writeFile(archive, bytes);
  const { documents, ignored, inflated } = await unpack(archive, { into, totalBytes: limit });
  const all = await readFile(into);
  return {
    ignored,
    inflated,
    documents: documents.map(({ path, mediaType, startsAt, size }) => ({
      path,
      mediaType,
      content: all.subarray(startsAt, startsAt + size),
    })),
  };
}

const one = (more: Partial<ZipFileEntry> = {}) => [{ name: 'a.pdf', content: pdf, ...more }];

test('documents are found by their content, in their order, and are complete', async () => {
  const { documents, ignored } = await unpacked(
    zipOf([
      { name: 'folder/' },
      { name: 'folder/invoice.pdf', content: pdf },
      { name: './folder//passport', content: png, stored: true },
    ]),
  );
  expect(documents.map(({ path }) => path)).toEqual(['folder/invoice.pdf', 'folder/passport']);
  expect(documents.map(({ content }) => content.equals(pdf))).toEqual([true, false]);
  expect(documents[1]!.content.equals(png)).toBe(true);
  expect(ignored).toEqual([]);
});

test('part of TE-L2: what is not a document is listed with the reason', async () => {
  // Office files are ZIP archives with these parts first.
  const docx = zipOf([{ name: '[Content_Types].xml' }]);
  const odt = zipOf([{ name: 'mimetype', stored: true }]);
  const { ignored, inflated } = await unpacked(
    zipOf([
      ...one(),
      { name: 'notes.txt', content: Buffer.from('Dear Sir or Madam') },
      { name: 'empty.pdf' },
      { name: 'more.tar.gz', content: Buffer.from([0x1f, 0x8b, 8, 0]) },
      { name: 'secret.pdf', content: pdf, flags: 0x801 },
      { name: 'letter.docx', content: docx },
      { name: 'letter.odt', content: odt },
    ]),
  );
  expect(ignored).toEqual([
    { path: 'notes.txt', reason: 'not_a_document' },
    { path: 'empty.pdf', reason: 'empty' },
    { path: 'more.tar.gz', reason: 'archive' },
    { path: 'secret.pdf', reason: 'encrypted' },
    { path: 'letter.docx', reason: 'not_a_document' },
    { path: 'letter.odt', reason: 'not_a_document' },
  ]);
  const ignoredBytes = 'Dear Sir or Madam'.length + 4 + docx.length + odt.length;
  expect(inflated).toBe(pdf.length + ignoredBytes);
});

test.each<[string, Partial<ZipFileEntry>, string]>([
  ['a data descriptor', { descriptor: true }, 'a.pdf'],
  ['ZIP64 fields', { zip64: true }, 'a.pdf'],
  ['a name in code page 437', { name: Buffer.from([0xa4, 0x2e, 0x70]), flags: 0 }, 'ñ.p'],
  ['a name in UTF-8', { name: 'señal €.pdf' }, 'señal €.pdf'],
])('an archive with %s is read', async (_, more, path) => {
  const { documents } = await unpacked(zipOf(one(more)));
  expect(documents).toMatchObject([{ path, mediaType: 'application/pdf' }]);
  expect(documents[0]!.content.equals(pdf)).toBe(true);
});

describe('an archive is refused with', () => {
  test.each([
    '../a.pdf',
    'a/../../b.pdf',
    '/etc/a.pdf',
    'C:/a.pdf',
    'c:a.pdf',
    'a\\b.pdf',
    '..\\a.pdf',
    'a\0.pdf',
    'a\n.pdf',
    '.',
    'n'.repeat(256),
    `${'n/'.repeat(600)}a`,
  ])('ARCHIVE_PATH_UNSAFE for the name %j', async (name) => {
    const files = [...one(), { name, content: pdf }];
    await expect(unpacked(zipOf(files))).rejects.toMatchObject({ code: 'ARCHIVE_PATH_UNSAFE' });
  });

  test.each<[string, () => Buffer]>([
    ['that is cut off', () => zipOf(one()).subarray(0, 500)],
    ['without a directory', () => Buffer.from('PK\x03\x04', 'latin1')],
    ['with a wrong checksum', () => zipOf(one({ claimedCrc: 1 }))],
    ['that claims another size', () => zipOf(one({ claimedSize: 7 }))],
    ['with damaged data', () => zipOf(one({ data: Buffer.from('no deflated data') }))],
    ['with an unknown method', () => zipOf(one({ method: 12 }))],
    ['with a symbolic link', () => zipOf([...one(), { name: 'l', mode: 0o120777 }])],
    ['with a device', () => zipOf([...one(), { name: 'd', mode: 0o060600 }])],
    ['with the same name twice', () => zipOf([...one(), ...one({ name: './a.pdf' })])],
    [
      'with the same name in two Unicode forms',
      () => zipOf([...one({ name: 'ñ' }), ...one({ name: 'n\u0303' })]),
    ],
    ['with another name in the local header', () => zipOf(one({ localName: 'b.pdf' }))],
    ['with two entries at one place', () => zipOf([...one(), { name: 'a.pdf', sameAs: 0 }])],
    [
      'with fewer entries than it has',
      () => zipOf([...one(), ...one({ name: 'b' })], { count: 1 }),
    ],
  ])('ARCHIVE_INVALID: one %s', async (_, make) => {
    await expect(unpacked(make())).rejects.toMatchObject({ code: 'ARCHIVE_INVALID' });
  });

  test('ARCHIVE_NESTED for a ZIP archive in it', async () => {
    const files = [...one(), { name: 'b.pdf', content: zipOf(one()) }];
    await expect(unpacked(zipOf(files))).rejects.toMatchObject({ code: 'ARCHIVE_NESTED' });
  });

  test.each<[string, ZipFileEntry[]]>([
    ['entries', []],
    ['documents', [{ name: 'a.txt', content: Buffer.from('x') }]],
  ])('ARCHIVE_EMPTY without %s', async (_, files) => {
    await expect(unpacked(zipOf(files))).rejects.toMatchObject({ code: 'ARCHIVE_EMPTY' });
  });

  test('ARCHIVE_TOO_LARGE for more entries than allowed, before they are read', async () => {
    const files = Array.from({ length: 10_000 }, (_, i) => ({ name: `${i}`, stored: true }));
    await expect(unpacked(zipOf(files))).rejects.toMatchObject({ code: 'ARCHIVE_TOO_LARGE' });
  });
});

test('a bomb is inflated up to the limit, whatever size it claims', async () => {
  const data = deflateRawSync(Buffer.alloc(1024 * megabyte));
  const bomb = { name: 'b.bin', data, claimedSize: 10, claimedCrc: 0 };
  await expect(unpacked(zipOf([...one(), bomb]))).rejects.toMatchObject({
    code: 'ARCHIVE_TOO_LARGE',
    message: 'entry 2 is larger than 30 MB',
  });
});

test('the entries together are limited by what is left of the submission', async () => {
  const zeros = { content: Buffer.alloc(15 * megabyte) };
  const files = [...one(), { name: 'a', ...zeros }, { name: 'b', ...zeros }];
  await expect(unpacked(zipOf(files))).resolves.toMatchObject({ ignored: { length: 2 } });
  await expect(unpacked(zipOf(files), 29 * megabyte)).rejects.toMatchObject({
    code: 'ARCHIVE_TOO_LARGE',
  });
});

test('a file is an archive by its content', async () => {
  for (const [bytes, expected] of [
    [zipOf(one()), true],
    [zipOf([]), true],
    [pdf, false],
    [Buffer.alloc(0), false],
  ] as const) {
    await writeFile(join(folder, 'file'), bytes);
    expect(await isArchive(join(folder, 'file'))).toBe(expected);
  }
});
