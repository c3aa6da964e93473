import { Readable } from 'node:stream';

import { ClassificationResult } from '@casewire/contracts';
import { openReader, type OpenReader } from '@casewire/reading';
import { generate, type SampleKind } from '@casewire/samples';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { classifyDocument } from './classify-document.ts';

const today = new Date('2026-11-01');
let opened: OpenReader;
beforeAll(() => {
  opened = openReader({ ocrWorkers: 1 });
});
afterAll(() => opened.close());

async function classified(kind: SampleKind, seed: number) {
  const { bytes, mediaType } = await generate(kind, { seed });
  const open = () => Promise.resolve(Readable.from([bytes]));
  const reading = await opened.reader.read({ mediaType, open });
  return ClassificationResult.parse(classifyDocument(reading, today));
}

test('a passport is classified by its zone at the foot of the page', async () => {
  const result = await classified('passport', 111);
  expect(result).toMatchObject({ documentType: 'passport', pages: 1 });
  expect(result.confidence).toBeGreaterThan(0.95);
  const zone = result.evidence.find(({ anchor }) => anchor === 'machine-readable zone')!;
  expect(zone.box[1]).toBeGreaterThan(0.75);
});

test('a certificate is classified with its language', async () => {
  const result = await classified('birth_certificate', 112);
  expect(result).toMatchObject({ documentType: 'birth_certificate', language: 'es' });
});

test('a letter is unknown, with confidence', async () => {
  const result = await classified('letter', 113);
  expect(result).toMatchObject({ documentType: 'unknown', language: 'en', evidence: [] });
  expect(result.confidence).toBeGreaterThan(0.6);
});
