import type { Box, DocumentType, ExtractedField } from '@casewire/contracts';
import type { PageReading } from '@casewire/reading';
import { expect, test } from 'vitest';

import type { FieldCheckInput } from './field-check.ts';
import { runFieldChecks } from './field-checks.ts';

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

const run = (documentType: DocumentType, more: Partial<FieldCheckInput>) =>
  runFieldChecks({
    reading: { pages: [page()] },
    documentType,
    fields: [],
    rows: [],
    today,
    ...more,
  });
const codes = (...args: Parameters<typeof run>) => run(...args).findings.map(({ code }) => code);

/** Rows of a statement, one line below the other: amount and balance; null is a missing line. */
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

test('balances that agree with the amounts are no finding', () => {
  const rows = transactions(['-10.00', '90.00'], ['5.50', '95.50'], ['-0.50', '95.00']);
  const values = fields({ opening_balance: '100.00', closing_balance: '95.00' });
  expect(codes('bank_statement', { rows, fields: values })).toEqual([]);
});

test('a wrong balance is found on its line', () => {
  const rows = transactions(['-10.00', '90.00'], ['5.50', '195.50'], ['-0.50', '195.00']);
  const { findings } = run('bank_statement', {
    rows,
    fields: fields({ opening_balance: '100.00' }),
  });
  expect(findings).toMatchObject([
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

test('a balance is not compared across a line that was not recognized', () => {
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

test('values of little confidence make no finding', () => {
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

test('dates in the wrong order are found', () => {
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

test('print that equals the zone, except for accents and two misread letters, is no finding', () => {
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

test('a zone with a wrong check digit is found, and the print is not compared with it', () => {
  const reading = passport('L898902C36UTO7508122F1204159ZE184226B<<<<<10');
  const values = fields({ date_of_birth: '1974-08-12' });
  expect(run('passport', { reading, fields: values }).findings).toMatchObject([
    { code: 'ZONE_NOT_SOUND', explanation: expect.stringContaining('date of birth') as string },
  ]);
});

test('a check that does not apply gives the reason', () => {
  const { checks } = run('unknown', {});
  expect(checks.every(({ ran, reason }) => !ran && reason !== null)).toBe(true);
});

test.each(['passport', 'payslip', 'bank_statement', 'invoice', 'birth_certificate'] as const)(
  'a %s without values that can be compared passes no check',
  (documentType) => {
    const { checks } = run(documentType, {});
    expect(checks.filter(({ ran }) => ran)).toEqual([]);
    expect(checks.every(({ reason }) => reason !== null)).toBe(true);
  },
);

/** The codes of the checks that ran. */
const compared = (...args: Parameters<typeof run>) =>
  run(...args).checks.flatMap(({ code, ran }) => (ran ? [code] : []));

test('a check runs if there is something to compare', () => {
  const rows = transactions(['-10.00', '90.00']);
  const period = fields({ period_start: '2026-01-01', period_end: '2026-01-31' });
  expect(
    compared('bank_statement', { rows, fields: fields({ closing_balance: '90.00' }) }),
  ).toEqual(['BALANCE_MISMATCH']);
  expect(compared('bank_statement', { rows, fields: period })).toEqual([
    'DATES_OUT_OF_ORDER',
    'TRANSACTION_OUTSIDE_PERIOD',
  ]);
  expect(compared('payslip', { fields: fields({ gross_pay: '90.00', net_pay: '80.00' }) })).toEqual(
    [],
  );
  const reading = sound;
  expect(compared('passport', { reading })).toEqual(['ZONE_NOT_SOUND']);
  expect(compared('passport', { reading, fields: fields({ surname: 'ERIKSSON' }) })).toEqual([
    'ZONE_NOT_SOUND',
    'ZONE_PRINT_MISMATCH',
  ]);
});
