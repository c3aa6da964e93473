import type { Box, DocumentType, ExtractedField } from '@casewire/contracts';
import type { PageReading } from '@casewire/reading';
import { expect, test } from 'vitest';

import { crossExamine } from './cross-checks.ts';
import type { Statements } from './statements.ts';

const today = new Date('2026-11-01');

const field = (name: string, value: string, confidence = 1, top = 0.5): ExtractedField => ({
  name,
  value,
  text: value,
  confidence,
  page: 1,
  box: [0.1, top, 0.2, top + 0.01],
});
const fields = (values: Record<string, string>) =>
  Object.entries(values).map(([name, value]) => field(name, value));

const page = (more: Partial<PageReading> = {}): PageReading => ({
  page: 1,
  source: 'text',
  dpi: null,
  rotation: 0,
  aspect: 0.7,
  words: [],
  zone: [],
  ...more,
});

const examine = (documentType: DocumentType, more: Partial<Statements>) =>
  crossExamine({
    reading: { pages: [page()] },
    documentType,
    fields: [],
    rows: [],
    today,
    ...more,
  });
const codes = (...args: Parameters<typeof examine>) =>
  examine(...args).suspicions.map(({ code }) => code);

/** Rows of a statement: amount and balance, one line below the other; a null leaves a line out. */
const transactions = (...lines: ([string, string] | null)[]) =>
  lines.flatMap((line, i) => {
    if (!line) return [];
    const [amount, balance] = line;
    const top = 0.2 + i * 0.02;
    const side = amount.startsWith('-') ? 'paid_out' : 'paid_in';
    return [
      {
        table: 'transactions',
        cells: [
          field('date', `2026-01-${String(i + 1).padStart(2, '0')}`, 1, top),
          field(side, amount.replace('-', ''), 1, top),
          field('balance', balance, 1, top),
        ],
      },
    ];
  });

test('balances that run on are no finding', () => {
  const rows = transactions(['-10.00', '90.00'], ['5.50', '95.50'], ['-0.50', '95.00']);
  const values = fields({ opening_balance: '100.00', closing_balance: '95.00' });
  expect(codes('bank_statement', { rows, fields: values })).toEqual([]);
});

test('a balance that does not follow is found on its line', () => {
  const rows = transactions(['-10.00', '90.00'], ['5.50', '195.50'], ['-0.50', '195.00']);
  const { suspicions } = examine('bank_statement', {
    rows,
    fields: fields({ opening_balance: '100.00' }),
  });
  expect(suspicions).toMatchObject([
    {
      code: 'BALANCE_MISMATCH',
      box: rows[1]!.cells[0]!.box,
      explanation: expect.stringContaining('95.50') as string,
    },
  ]);
});

test('a closing balance that differs from the last line is found', () => {
  const rows = transactions(['-10.00', '90.00']);
  expect(codes('bank_statement', { rows, fields: fields({ closing_balance: '990.00' }) })).toEqual([
    'BALANCE_MISMATCH',
  ]);
});

test('after a line that was not recognized nothing follows from the line before', () => {
  const rows = transactions(
    ['-10.00', '90.00'],
    ['5.00', '95.00'],
    ['5.00', '100.00'],
    null,
    ['-1.00', '42.00'],
    ['2.00', '44.00'],
  );
  expect(codes('bank_statement', { rows })).toEqual([]);
});

test('values that were read with little confidence prove nothing', () => {
  const values = [
    field('gross_pay', '100.00'),
    field('total_deductions', '10.00'),
    field('net_pay', '19.00', 0.5),
  ];
  expect(codes('payslip', { fields: values })).toEqual([]);
});

test('net pay that is not gross pay less deductions is found', () => {
  const values = fields({ gross_pay: '2000.00', total_deductions: '400.00', net_pay: '1900.00' });
  expect(codes('payslip', { fields: values })).toEqual(['PAY_SUM_MISMATCH']);
});

test('an invoice whose total is not subtotal and tax is found', () => {
  const values = fields({ subtotal: '100.00', tax: '20.00', total: '1120.00' });
  expect(codes('invoice', { fields: values })).toEqual(['INVOICE_SUM_MISMATCH']);
});

test('an account number with a wrong check digit is found', () => {
  expect(codes('invoice', { fields: fields({ iban: 'GB82WEST12345698765433' }) })).toEqual([
    'IBAN_INVALID',
  ]);
  expect(codes('invoice', { fields: fields({ iban: 'GB82WEST12345698765432' }) })).toEqual([]);
});

test('dates that cannot follow each other are found', () => {
  const values = fields({ date_of_birth: '2030-01-01', issued_on: '2020-01-01' });
  expect(codes('birth_certificate', { fields: values })).toEqual(['DATES_OUT_OF_ORDER']);
});

test('a transaction outside the period is found', () => {
  const rows = transactions(['-10.00', '90.00']);
  const values = fields({ period_start: '2026-02-01', period_end: '2026-02-28' });
  expect(codes('bank_statement', { rows, fields: values })).toEqual(['TRANSACTION_OUTSIDE_PERIOD']);
});

const box: Box = [0, 0.9, 1, 1];
const passport = (second: string) => ({
  pages: [
    page({
      source: 'ocr',
      zone: [
        { text: 'P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<', box },
        { text: second, box },
      ],
    }),
  ],
});
const sound = passport('L898902C36UTO7408122F1204159ZE184226B<<<<<10');

test('print that says what the zone says is no finding, accents and a misread letter or two aside', () => {
  const values = fields({
    surname: 'ÉRIKSSQN',
    given_names: 'Anna Maria',
    date_of_birth: '1974-08-12',
  });
  expect(codes('passport', { reading: sound, fields: values })).toEqual([]);
});

test('a birth date or a name that differs from the zone is found', () => {
  const values = fields({ surname: 'THORNTON', date_of_birth: '1984-08-12' });
  expect(codes('passport', { reading: sound, fields: values })).toEqual([
    'ZONE_PRINT_MISMATCH',
    'ZONE_PRINT_MISMATCH',
  ]);
});

test('a zone whose digits do not hold is found, and says nothing about the print', () => {
  const reading = passport('L898902C36UTO7508122F1204159ZE184226B<<<<<10');
  const values = fields({ date_of_birth: '1974-08-12' });
  expect(examine('passport', { reading, fields: values }).suspicions).toMatchObject([
    { code: 'ZONE_NOT_SOUND', explanation: expect.stringContaining('date of birth') as string },
  ]);
});

test('checks that do not apply say so', () => {
  const { checks } = examine('unknown', {});
  expect(checks.every(({ ran, reason }) => !ran && reason !== null)).toBe(true);
  const { checks: ofStatement } = examine('bank_statement', {});
  expect(ofStatement.find(({ code }) => code === 'BALANCE_MISMATCH')).toEqual({
    code: 'BALANCE_MISMATCH',
    ran: true,
    reason: null,
  });
});
