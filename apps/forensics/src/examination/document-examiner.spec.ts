import { Readable } from 'node:stream';

import type { Box } from '@casewire/contracts';
import { openReader, type OpenReader } from '@casewire/reading';
import { generate, type Sample, type SampleKind, type SampleOptions } from '@casewire/samples';
import { PDFDocument } from 'pdf-lib';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { DocumentExaminer } from './document-examiner.ts';

const today = new Date('2026-11-01');
let opened: OpenReader;
let examiner: DocumentExaminer;
beforeAll(() => {
  opened = openReader({ ocrWorkers: 1 });
  examiner = new DocumentExaminer(opened.reader);
});
afterAll(() => opened.close());

async function examineSample(
  sample: Pick<Sample, 'bytes' | 'mediaType'>,
  documentType: Sample['truth']['documentType'] | null = null,
) {
  const source = {
    mediaType: sample.mediaType,
    open: () => Promise.resolve(Readable.from([sample.bytes])),
  };
  // Only text layers are read here: recognition has tests of its own.
  const reading =
    sample.mediaType === 'application/pdf'
      ? await opened.reader.read(source)
      : { version: '1' as const, mediaType: sample.mediaType, language: null, pages: [] };
  const images: Uint8Array[] = [];
  const result = await examiner.examine({
    source,
    reading,
    documentType,
    today,
    signal: new AbortController().signal,
    storeImage: async (png) => `results/image-${images.push(png)}.png`,
  });
  return { ...result, images };
}

const examine = async (kind: SampleKind, options: SampleOptions) => {
  const sample = await generate(kind, options);
  return { ...(await examineSample(sample, sample.truth.documentType)), truth: sample.truth };
};

const overlap = (a: Box | null, b: Box) =>
  a !== null && a[0] < b[2] && b[0] < a[2] && a[1] < b[3] && b[1] < a[3];

test.each(['bank_statement', 'invoice', 'birth_certificate', 'letter'] as const)(
  'a genuine %s passes without findings',
  async (kind) => {
    const { verdict, findings } = await examine(kind, { seed: 91 });
    expect(findings).toEqual([]);
    expect(verdict).toBe('pass');
  },
);

test.each([
  ['payslip', 92],
  ['passport', 93],
] as const)('a genuine scan of a %s (%i) passes', async (kind, seed) => {
  const { verdict, findings } = await examine(kind, { seed, degrade: { noise: 5 } });
  expect(findings).toEqual([]);
  expect(verdict).toBe('pass');
});

test.each([
  ['passport_copy_move', 'COPY_MOVE', 'review', 91],
  ['payslip_patch', 'NOISE_INCONSISTENT', 'review', 92],
  ['payslip_resaved', 'NOISE_INCONSISTENT', 'review', 93],
  ['bank_statement_overlay', 'TEXT_OVERLAY', 'fail', 94],
  ['bank_statement_revised', 'TEXT_REVISED', 'fail', 95],
] as const)(
  'the tampering of a %s is found at its place (%s)',
  async (kind, code, verdict, seed) => {
    const result = await examine(kind, { seed });
    expect(result.verdict).toBe(verdict);
    const found = result.findings.filter((finding) => finding.code === code);
    expect(found.some(({ box }) => overlap(box, result.truth.tampered!.box))).toBe(true);
    expect(found[0]!.image).not.toBeNull();
    expect((await sharp(result.images[0]).metadata()).format).toBe('png');
  },
);

test('a scan inside a PDF is examined as a picture', async () => {
  const { bytes } = await generate('payslip_patch', { seed: 96 });
  const pdf = await PDFDocument.create();
  const image = await pdf.embedJpg(bytes);
  pdf.addPage([595, 842]).drawImage(image, { x: 0, y: 0, width: 595, height: 842 });
  const wrapped = { bytes: Buffer.from(await pdf.save()), mediaType: 'application/pdf' as const };
  const { findings } = await examineSample(wrapped, 'payslip');
  expect(findings.map(({ code }) => code)).toContain('NOISE_INCONSISTENT');
});

test('a page without noise reports that its pixels were not compared', async () => {
  const bytes = await sharp({
    create: { width: 800, height: 600, channels: 3, background: '#ffffff' },
  })
    .png()
    .toBuffer();
  const { checks } = await examineSample({ bytes, mediaType: 'image/png' });
  expect(checks.find(({ code }) => code === 'COPY_MOVE')).toMatchObject({
    ran: false,
    reason: expect.stringContaining('too little noise') as string,
  });
});
