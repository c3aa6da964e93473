import { PDFiumLibrary } from '@hyzyla/pdfium';
import { parse } from 'mrz';
import sharp from 'sharp';
import { expect, test } from 'vitest';

import { generate, type Sample, type SampleKind } from './index.ts';
import { inSpanish } from './spanish-numbers.ts';

const kinds: SampleKind[] = [
  'passport',
  'payslip',
  'payslip_pdf',
  'bank_statement',
  'invoice',
  'birth_certificate',
  'birth_certificate_image',
  'letter',
  'legal_text',
  'passport_copy_move',
  'payslip_patch',
  'payslip_resaved',
  'bank_statement_overlay',
  'bank_statement_revised',
];

const formatOf = async ({ bytes, mediaType }: Sample): Promise<string> => {
  if (mediaType !== 'application/pdf') return `image/${(await sharp(bytes).metadata()).format}`;
  const library = await PDFiumLibrary.init();
  const document = await library.loadDocument(bytes);
  const pages = document.getPageCount();
  document.destroy();
  return pages === 1 ? 'application/pdf' : `${pages} pages`;
};

test.each(kinds)('the sample %s is a readable file of its media type', async (kind) => {
  const sample = await generate(kind, { seed: 7 });
  expect(await formatOf(sample)).toBe(sample.mediaType);
});

test('the same seed gives the same document and another seed another', async () => {
  const [first, again, other] = await Promise.all(
    [3, 3, 4].map((seed) => generate('bank_statement', { seed })),
  );
  expect(again!.bytes.equals(first!.bytes)).toBe(true);
  expect(other!.truth.fields.iban).not.toBe(first!.truth.fields.iban);
});

test('an independent parser accepts all check digits of a passport', async () => {
  for (const seed of [1, 2, 3, 4, 5]) {
    const { truth } = await generate('passport', { seed });
    const zone = truth.text.filter((line) => line.length === 44 && /^[A-Z0-9<]+$/.test(line));
    const { valid, fields } = parse(zone);
    expect(valid).toBe(true);
    expect(fields.documentNumber).toBe(truth.fields.document_number);
  }
});

test('a text PDF contains the text of its ground truth', async () => {
  const { bytes, truth } = await generate('invoice', { seed: 12, language: 'es' });
  const library = await PDFiumLibrary.init();
  const document = await library.loadDocument(bytes);
  const text = document.getPage(0).getText().replaceAll(/\s+/g, ' ');
  document.destroy();
  for (const line of truth.text) expect(text).toContain(line.replaceAll(/\s+/g, ' '));
});

test('a revised statement shows the edited balance and contains the original file', async () => {
  const { bytes, truth } = await generate('bank_statement_revised', { seed: 5 });
  const clean = await generate('bank_statement', { seed: 5 });
  expect(bytes.subarray(0, clean.bytes.length).equals(clean.bytes)).toBe(true);
  const library = await PDFiumLibrary.init();
  const document = await library.loadDocument(bytes);
  const digits = document.getPage(0).getText().replaceAll(/[,\s]/g, '');
  document.destroy();
  expect(digits).toContain(`Closingbalance${truth.fields.closing_balance}`);
  expect(truth.fields.closing_balance).not.toBe(clean.truth.fields.closing_balance);
});

test('a text document is made in less than fifty milliseconds', async () => {
  await generate('bank_statement', { seed: 99 });
  const started = performance.now();
  for (let seed = 100; seed < 150; seed++) await generate('bank_statement', { seed });
  expect((performance.now() - started) / 50).toBeLessThan(50);
});

test.each([
  [14, 'catorce'],
  [31, 'treinta y uno'],
  [1993, 'mil novecientos noventa y tres'],
  [2026, 'dos mil veintiséis'],
])('%i is written %s', (value, words) => {
  expect(inSpanish(value)).toBe(words);
});
