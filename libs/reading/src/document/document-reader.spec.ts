import { Readable } from 'node:stream';

import { generate, type Sample, type SampleKind, type SampleOptions } from '@casewire/samples';
import { sharedSandbox } from '@casewire/sandbox';
import { PDFDocument } from 'pdf-lib';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { decodeZone, isConsistent } from '../mrz/machine-readable-zone.ts';
import { OcrPool } from '../ocr/ocr-pool.ts';
import { linesOf } from '../text/lines.ts';
import { Reading } from '../text/reading.ts';
import { DocumentReader } from './document-reader.ts';
import { openReader, type OpenReader } from './open-reader.ts';

let opened: OpenReader;
beforeAll(() => {
  opened = openReader({ ocrWorkers: 1 });
});
afterAll(() => opened.close());

const sourceOf = (sample: Sample) => ({
  mediaType: sample.mediaType,
  open: () => Promise.resolve(Readable.from([sample.bytes])),
});

async function readSample(kind: SampleKind, options: SampleOptions) {
  const sample = await generate(kind, options);
  const reading = await opened.reader.read(sourceOf(sample));
  return { sample, reading, page: Reading.parse(reading).pages[0]! };
}

function recall(reading: Reading, sample: Sample): number {
  const read = new Set(reading.pages.flatMap(({ words }) => words.map(({ text }) => text)));
  const printed = sample.truth.text.join(' ').split(/\s+/);
  return printed.filter((word) => read.has(word)).length / printed.length;
}

test('a text layer is read with the place and font of every word', async () => {
  const { sample, reading, page } = await readSample('bank_statement', { seed: 31 });
  expect(page.source).toBe('text');
  expect(recall(reading, sample)).toBe(1);
  const bank = page.words.find(({ text }) => text === 'Meridian')!;
  expect(bank.font).toEqual({ name: 'Helvetica-Bold', size: 16 });
  expect(bank.line).toBe(0);
  expect(bank.box[0]).toBeGreaterThan(0.1);
  expect(bank.box[1]).toBeLessThan(0.07);
});

test('columns side by side on a text page are read as lines', async () => {
  const { sample, page } = await readSample('bank_statement', { seed: 32 });
  const closing = linesOf(page).at(-1)!.text.replace(',', '');
  expect(closing).toBe(`Closing balance ${sample.truth.fields.closing_balance}`);
});

test('text that is painted over is not read, and the text on top of it is', async () => {
  const { sample, page } = await readSample('bank_statement_overlay', { seed: 38 });
  const amounts = linesOf(page).at(-1)!.text.replaceAll(',', '');
  expect(amounts).toBe(`Closing balance ${sample.truth.fields.closing_balance}`);
});

test('a scan without a text layer is recognized in its language', async () => {
  const { sample, reading, page } = await readSample('payslip_pdf', { seed: 33, language: 'es' });
  expect(page.source).toBe('ocr');
  expect(reading.language).toBe('es');
  expect(recall(reading, sample)).toBeGreaterThan(0.9);
});

test('an upside-down passport is read with its zone, with boxes as on the original page', async () => {
  const { sample, page } = await readSample('passport', {
    seed: 34,
    degrade: { skewDegrees: 180 },
  });
  expect(page.rotation).toBe(180);
  const zone = decodeZone(
    page.zone.map(({ text }) => text),
    new Date('2026-11-01'),
  )!;
  expect(isConsistent(zone)).toBe(true);
  expect(zone.fields.documentNumber).toBe(sample.truth.fields.document_number);
  expect(page.zone[0]!.box[3]).toBeLessThan(0.3);
});

test('an aborted reading rejects with the reason of the signal', async () => {
  const sample = await generate('payslip', { seed: 35 });
  const controller = new AbortController();
  const reading = opened.reader.read(sourceOf(sample), controller.signal);
  setTimeout(() => controller.abort(new Error('the consumer stops')), 150);
  await expect(reading).rejects.toThrow('the consumer stops');
});

test('a damaged document is the fault of the document', async () => {
  const sample = await generate('payslip', { seed: 36 });
  const cut = { ...sample, bytes: sample.bytes.subarray(0, 20_000) };
  await expect(opened.reader.read(sourceOf(cut))).rejects.toMatchObject({
    code: 'DOCUMENT_UNREADABLE',
    retriable: false,
  });
});

const pdfOf = async (pages: number, [width, height]: [number, number]): Promise<Sample> => {
  const sample = await generate('payslip', { seed: 39 });
  const pdf = await PDFDocument.create();
  const image = await pdf.embedPng(sample.bytes);
  for (let i = 0; i < pages; i++) pdf.addPage([width, height]).drawImage(image, { width, height });
  return { ...sample, bytes: Buffer.from(await pdf.save()), mediaType: 'application/pdf' };
};

test.each<[number, number]>([
  [14_400, 1],
  [1, 14_400],
  [14_400, 14_400],
  [3, 3],
])('a scanned page of %i x %i points is read', async (width, height) => {
  const reading = await opened.reader.read(sourceOf(await pdfOf(1, [width, height])));
  const [page] = Reading.parse(reading).pages;
  expect(page).toMatchObject({ page: 1, source: 'ocr' });
});

test('an image of one row of pixels is read', async () => {
  const bytes = await sharp({
    create: { width: 60_000, height: 1, channels: 3, background: '#777' },
  })
    .png()
    .toBuffer();
  const sample = { ...(await generate('payslip', { seed: 39 })), bytes };
  const { pages } = await opened.reader.read(sourceOf(sample));
  expect(pages).toMatchObject([{ words: [] }]);
});

test('the pages of a document share its processor time, and a document that uses more is too slow', async () => {
  const sandbox = sharedSandbox();
  const ocr = new OcrPool(1);
  const limits = { readMs: 300, readPageMs: 0 };
  const reader = new DocumentReader({ sandbox, ocr, concurrentPages: 1, limits });
  try {
    const reading = reader.read(sourceOf(await pdfOf(8, [595, 842])));
    await expect(reading).rejects.toMatchObject({ code: 'DOCUMENT_TOO_SLOW' });
  } finally {
    await ocr.stop();
  }
});

test('a raster has the requested pixels', async () => {
  const sample = await generate('invoice', { seed: 37 });
  const raster = await opened.reader.raster(sourceOf(sample), {
    page: 1,
    channels: 3,
    native: false,
    dpi: 72,
    maximumPixels: 1_000_000,
  });
  expect([raster.width, raster.height, raster.pixels.length]).toEqual([595, 842, 595 * 842 * 3]);
  const fewer = await opened.reader.raster(sourceOf(sample), {
    page: 1,
    channels: 1,
    native: false,
    dpi: 300,
    maximumPixels: 100_000,
  });
  expect(fewer.width * fewer.height).toBeLessThan(101_000);
});
