import { Readable } from 'node:stream';

import { type DocumentType, ExtractionResult } from '@casewire/contracts';
import { openReader, type OpenReader } from '@casewire/reading';
import { generate, type SampleKind } from '@casewire/samples';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { extractDocument } from './extract-document.ts';

const today = new Date('2026-11-01');
let opened: OpenReader;
beforeAll(() => {
  opened = openReader({ ocrWorkers: 1 });
});
afterAll(() => opened.close());

async function extracted(kind: SampleKind, seed: number, known: DocumentType | null = null) {
  const { bytes, mediaType, truth } = await generate(kind, { seed });
  const open = () => Promise.resolve(Readable.from([bytes]));
  const reading = await opened.reader.read({ mediaType, open });
  return { truth, result: ExtractionResult.parse(extractDocument(reading, known, today)) };
}

test('the fields of a passport come from print and zone', async () => {
  const { truth, result } = await extracted('passport', 121, 'passport');
  const values = Object.fromEntries(result.fields.map(({ name, value }) => [name, value]));
  expect(values).toMatchObject({
    document_number: truth.fields.document_number,
    nationality: truth.fields.nationality,
    date_of_birth: truth.fields.date_of_birth,
    date_of_expiry: truth.fields.date_of_expiry,
    sex: truth.fields.sex,
  });
});

test('a document without a classification is classified by the same rules', async () => {
  const { truth, result } = await extracted('invoice', 122);
  expect(result.documentType).toBe('invoice');
  expect(Object.fromEntries(result.fields.map(({ name, value }) => [name, value]))).toEqual(
    truth.fields,
  );
  expect(result.rows.length).toBeGreaterThanOrEqual(3);
});

test.each([null, 'unknown'] as const)(
  'a document of an unknown type (%s) fails with a code',
  async (known) => {
    await expect(extracted('letter', 123, known)).rejects.toMatchObject({
      code: 'DOCUMENT_TYPE_UNKNOWN',
    });
  },
);

test('the type by classification is used, whatever the rules give', async () => {
  const { result } = await extracted('invoice', 124, 'bank_statement');
  expect(result.documentType).toBe('bank_statement');
});
