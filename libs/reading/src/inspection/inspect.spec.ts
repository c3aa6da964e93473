import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

import { generate } from '@casewire/samples';
import { sharedSandbox } from '@casewire/sandbox';
import { PDFDocument } from 'pdf-lib';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { inspect } from './inspect.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'casewire-inspect-'));
});
afterAll(async () => {
  sharedSandbox().stop();
  await rm(folder, { recursive: true });
});

async function inspected(bytes: Uint8Array | string, name = 'upload.bin') {
  const path = join(folder, name);
  await writeFile(path, bytes);
  return inspect(path);
}

test('a PDF is recognized by its content, whatever its name', async () => {
  const { bytes } = await generate('invoice', { seed: 1 });
  expect(await inspected(bytes, 'photo.jpg')).toEqual({ mediaType: 'application/pdf', pages: 1 });
});

test.each(['png', 'jpeg', 'webp'] as const)('a %s is one page with its size', async (format) => {
  const bytes = await sharp({ create: { width: 120, height: 80, channels: 3, background: '#eee' } })
    .toFormat(format)
    .toBuffer();
  expect(await inspected(bytes)).toEqual({
    mediaType: `image/${format}`,
    pages: 1,
    width: 120,
    height: 80,
  });
});

test('an empty file is refused as empty', async () => {
  await expect(inspected('')).rejects.toMatchObject({ code: 'DOCUMENT_EMPTY' });
});

test.each([
  ['plain text', 'hello'],
  ['an SVG', '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'],
  [
    'an SVG behind an XML declaration',
    '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
  ],
  ['a GIF', 'GIF89a\x01\x00\x01\x00'],
  ['a ZIP', 'PK\x03\x04'],
])('%s is refused as an unsupported type', async (_, content) => {
  await expect(inspected(content)).rejects.toMatchObject({ code: 'UNSUPPORTED_MEDIA_TYPE' });
});

test('a PDF header without a PDF is unreadable', async () => {
  await expect(inspected('%PDF-1.7\nnothing more')).rejects.toMatchObject({
    code: 'DOCUMENT_UNREADABLE',
  });
});

test('a PDF without a page that opens is unreadable', async () => {
  const pages = '2 0 obj<</Type/Pages/Count 1/Kids[9 0 R]>>endobj\n';
  const pdf = `%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n${pages}trailer<</Root 1 0 R>>\n%%EOF`;
  await expect(inspected(pdf)).rejects.toMatchObject({ code: 'DOCUMENT_UNREADABLE' });
});

test('a truncated image is unreadable', async () => {
  for (const seed of [1, 2]) {
    const { bytes } = await generate('passport', { seed });
    const half = bytes.subarray(0, bytes.length / 2);
    await expect(inspected(half)).rejects.toMatchObject({ code: 'DOCUMENT_UNREADABLE' });
  }
});

test('a PDF with a password is distinguished from a damaged one', async () => {
  const key = '00'.repeat(32);
  const pdf = [
    '%PDF-1.4',
    '1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj',
    '2 0 obj<</Type/Pages/Count 1/Kids[3 0 R]>>endobj',
    '3 0 obj<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>endobj',
    `4 0 obj<</Filter/Standard/V 1/R 2/O<${key}>/U<${key}>/P -4>>endobj`,
    'trailer<</Root 1 0 R/Size 5/Encrypt 4 0 R/ID[<00><00>]>>',
    '%%EOF',
  ].join('\n');
  await expect(inspected(pdf)).rejects.toMatchObject({ code: 'DOCUMENT_ENCRYPTED' });
});

test('a PDF with too many pages is refused', async () => {
  const pdf = await PDFDocument.create();
  for (let i = 0; i < 131; i++) pdf.addPage([50, 50]);
  await expect(inspected(await pdf.save())).rejects.toMatchObject({
    code: 'DOCUMENT_TOO_MANY_PAGES',
  });
});

const chunk = (type: string, data: Buffer) => {
  const body = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
};

test('a small PNG of 256 megapixels is refused without being decoded', async () => {
  const side = 16_000;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(side, 0);
  header.writeUInt32BE(side, 4);
  header[8] = 1;
  const png = Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.alloc((side / 8 + 1) * side), { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
  expect(png.length).toBeLessThan(40_000);
  const started = performance.now();
  await expect(inspected(png)).rejects.toMatchObject({ code: 'DOCUMENT_TOO_LARGE_PIXELS' });
  expect(performance.now() - started).toBeLessThan(2000);
});
