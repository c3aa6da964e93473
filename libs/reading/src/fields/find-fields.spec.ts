import { Readable } from 'node:stream';

import { generate, type Language, type SampleKind, type Truth } from '@casewire/samples';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { openReader, type OpenReader } from '../document/open-reader.ts';
import { withLines } from '../text/lines.ts';
import type { PageReading, Reading } from '../text/reading.ts';
import { findFields } from './find-fields.ts';
import { findRows } from './find-rows.ts';

const today = new Date('2026-11-01');
let opened: OpenReader;
beforeAll(() => {
  opened = openReader({ ocrWorkers: 1 });
});
afterAll(() => opened.close());

async function read(kind: SampleKind, seed: number, language: Language = 'en') {
  const { bytes, mediaType, truth } = await generate(kind, { seed, language });
  const open = () => Promise.resolve(Readable.from([bytes]));
  return { truth, reading: await opened.reader.read({ mediaType, open }) };
}

const valuesOf = (reading: Reading, type: Truth['documentType']) =>
  Object.fromEntries(findFields(reading, type, today).map(({ name, value }) => [name, value]));

type Placed = [text: string, left: number, top: number];

/** A page with pieces of text at the given places. */
const page = (...pieces: Placed[]): Pick<Reading, 'pages'> => {
  const words = pieces.flatMap(([text, left, top]) => {
    let x = left;
    return text.split(' ').map((word) => {
      const box = [x, top, x + word.length * 0.01, top + 0.014] as [number, number, number, number];
      x = box[2] + 0.005;
      return { text: word, box, confidence: 1, font: null };
    });
  });
  const only: PageReading = {
    page: 1,
    source: 'text',
    dpi: null,
    rotation: 0,
    aspect: 0.7,
    zone: [],
    words: withLines(words),
  };
  return { pages: [only] };
};

test.each([
  ['bank_statement', 'en'],
  ['bank_statement', 'es'],
  ['invoice', 'en'],
  ['invoice', 'es'],
  ['birth_certificate', 'es'],
] as const)('every field of a %s (%s) is found as printed', async (kind, language) => {
  const { reading, truth } = await read(kind, 51, language);
  expect(valuesOf(reading, truth.documentType)).toEqual(truth.fields);
});

test('the fields of a recognized payslip are found, each with its place', async () => {
  const { reading, truth } = await read('payslip_pdf', 52);
  expect(valuesOf(reading, 'payslip')).toEqual(truth.fields);
  const net = findFields(reading, 'payslip', today).find(({ name }) => name === 'net_pay')!;
  expect(net.text).toMatch(/^£\d/);
  expect(net.confidence).toBeGreaterThan(0.8);
  expect(net.box[0]).toBeGreaterThan(0.7);
});

test('every transaction of a statement is found', async () => {
  const { reading, truth } = await read('bank_statement', 53);
  const rows = findRows(reading, 'bank_statement');
  const balances = rows.map(({ cells }) => cells.find(({ name }) => name === 'balance')!.value);
  expect(rows.length).toBeGreaterThanOrEqual(12);
  expect(balances.at(-1)).toBe(truth.fields.closing_balance);
  const printed = truth.text.filter((line) => /^\d\d \w{3} \d{4}$/.test(line)).length;
  expect(rows).toHaveLength(printed);
});

test('tables side by side are two tables', async () => {
  const { reading, truth } = await read('payslip_pdf', 54, 'es');
  const rows = findRows(reading, 'payslip');
  const sum = (table: string) =>
    rows
      .filter((row) => row.table === table)
      .reduce(
        (all, { cells }) => all + Number(cells.find(({ name }) => name === 'amount')!.value),
        0,
      )
      .toFixed(2);
  expect(sum('earnings')).toBe(truth.fields.gross_pay);
  expect(sum('deductions')).toBe(truth.fields.total_deductions);
});

test('a value ends at the next label', () => {
  const fields = findFields(
    page(['Account number 71300452 IBAN GB82 WEST 1234 5698 7654 32', 0.1, 0.2]),
    'bank_statement',
    today,
  );
  expect(fields.map(({ name, value }) => [name, value])).toEqual([
    ['account_number', '71300452'],
    ['iban', 'GB82WEST12345698765432'],
  ]);
});

test('where no value is beside a label, the value below it is used', () => {
  const fields = findFields(
    page(
      ['Net pay', 0.1, 0.3],
      ['Gross pay', 0.5, 0.3],
      ['1,200.00', 0.1, 0.32],
      ['1,500.00', 0.5, 0.32],
    ),
    'payslip',
    today,
  );
  expect(Object.fromEntries(fields.map(({ name, value }) => [name, value]))).toMatchObject({
    net_pay: '1200.00',
    gross_pay: '1500.00',
  });
});

test('a label without a value of its kind gives no field', () => {
  const names = findFields(page(['Pay date', 0.1, 0.3], ['soon', 0.3, 0.3]), 'payslip', today).map(
    ({ name }) => name,
  );
  expect(names).not.toContain('pay_date');
});

test('an unknown document has no fields and rows', () => {
  expect(findFields(page(['Net pay 1,200.00', 0.1, 0.3]), 'unknown', today)).toEqual([]);
  expect(findRows(page(['Date Description Balance', 0.1, 0.3]), 'unknown')).toEqual([]);
});
