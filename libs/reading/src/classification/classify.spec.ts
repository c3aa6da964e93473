import { Readable } from 'node:stream';

import { generate, type Language, type SampleKind } from '@casewire/samples';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openReader, type OpenReader } from '../document/open-reader.ts';
import { withLines } from '../text/lines.ts';
import type { Reading } from '../text/reading.ts';
import { classify } from './classify.ts';

const today = new Date('2026-11-01');
let opened: OpenReader;
beforeAll(() => {
  opened = openReader({ ocrWorkers: 1 });
});
afterAll(() => opened.close());

const read = async (kind: SampleKind, seed: number, language: Language = 'en') => {
  const sample = await generate(kind, { seed, language });
  const open = () => Promise.resolve(Readable.from([sample.bytes]));
  return opened.reader.read({ mediaType: sample.mediaType, open });
};

/** A page with these lines, one below the other. */
const pageOf = (...lines: string[]): Pick<Reading, 'pages'> => ({
  pages: [
    {
      page: 1,
      source: 'text',
      dpi: null,
      rotation: 0,
      aspect: 0.7,
      zone: [],
      words: withLines(
        lines.flatMap((line, i) =>
          line.split(' ').map((text, k) => ({
            text,
            box: [k * 0.06, 0.05 + i * 0.03, k * 0.06 + 0.05, 0.07 + i * 0.03] as [
              number,
              number,
              number,
              number,
            ],
            confidence: 1,
            font: null,
          })),
        ),
      ),
    },
  ],
});

test.each([
  ['bank_statement', 'bank_statement', 'en'],
  ['bank_statement', 'bank_statement', 'es'],
  ['invoice', 'invoice', 'en'],
  ['invoice', 'invoice', 'es'],
  ['birth_certificate', 'birth_certificate', 'es'],
  ['letter', 'unknown', 'en'],
  ['legal_text', 'unknown', 'es'],
] as const)('a %s is classified as %s (%s)', async (kind, documentType, language) => {
  const found = classify(await read(kind, 41, language), today);
  expect(found.documentType).toBe(documentType);
  expect(found.confidence).toBeGreaterThan(0.6);
});

test('the evidence for a type has its place on the page', () => {
  const { evidence } = classify(pageOf('PAYSLIP', 'Net pay 100.00', 'Tax code 1257L'), today);
  expect(evidence.map(({ anchor }) => anchor)).toEqual([
    'payslip heading',
    'net pay',
    'social insurance or tax',
  ]);
  expect(evidence[1]!.box).toEqual([0, 0.08, 0.11, 0.1]);
});

test('a letter that mentions an invoice and a passport is neither', () => {
  const { documentType, evidence } = classify(
    pageOf(
      'We thank you for the invoice which we received last week with your letter',
      'Please bring your passport with you when you come to see us on that day',
    ),
    today,
  );
  expect(documentType).toBe('unknown');
  expect(evidence).toEqual([]);
});

test('missing accents do not matter', () => {
  const { documentType } = classify(
    pageOf('CERTIFICACION LITERAL DE NACIMIENTO', 'Registro Civil de Cadiz'),
    today,
  );
  expect(documentType).toBe('birth_certificate');
});

test('the confidences of all candidates add up to one', () => {
  const { candidates } = classify(pageOf('INVOICE', 'Invoice number 7'), today);
  const sum = candidates.reduce((all, { confidence }) => all + confidence, 0);
  expect(sum).toBeCloseTo(1, 2);
  expect(candidates[0]!.documentType).toBe('invoice');
});

test('an empty page is unknown', () => {
  expect(classify(pageOf(), today).documentType).toBe('unknown');
});
