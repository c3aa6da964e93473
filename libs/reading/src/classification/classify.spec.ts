import { Readable } from 'node:stream';

import { generate, type Language, type SampleKind } from '@casewire/samples';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { withLines } from '../document/lines.ts';
import { openReader, type OpenReader } from '../document/open-reader.ts';
import type { Reading } from '../document/reading.ts';
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

/** A page that says these lines, one below the other. */
const saying = (...lines: string[]): Pick<Reading, 'pages'> => ({
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

test('what speaks for a type is shown where it stands', () => {
  const { evidence } = classify(saying('PAYSLIP', 'Net pay 100.00', 'Tax code 1257L'), today);
  expect(evidence.map(({ anchor }) => anchor)).toEqual([
    'payslip heading',
    'net pay',
    'social insurance or tax',
  ]);
  expect(evidence[1]!.box).toEqual([0, 0.08, 0.11, 0.1]);
});

test('a letter that speaks of an invoice and a passport is neither', () => {
  const { documentType, evidence } = classify(
    saying(
      'We thank you for the invoice which we received last week with your letter',
      'Please bring your passport with you when you come to see us on that day',
    ),
    today,
  );
  expect(documentType).toBe('unknown');
  expect(evidence).toEqual([]);
});

test('accents that recognition lost do not matter', () => {
  const { documentType } = classify(
    saying('CERTIFICACION LITERAL DE NACIMIENTO', 'Registro Civil de Cadiz'),
    today,
  );
  expect(documentType).toBe('birth_certificate');
});

test('the confidences of all candidates make one', () => {
  const { candidates } = classify(saying('INVOICE', 'Invoice number 7'), today);
  const sum = candidates.reduce((all, { confidence }) => all + confidence, 0);
  expect(sum).toBeCloseTo(1, 2);
  expect(candidates[0]!.documentType).toBe('invoice');
});

test('an empty page is unknown', () => {
  expect(classify(saying(), today).documentType).toBe('unknown');
});
