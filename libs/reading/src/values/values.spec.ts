import { expect, test } from 'vitest';

import { findAmounts } from './amount.ts';
import { findDates } from './date.ts';
import { isIban } from './iban.ts';
import { spanishNumber } from './spanish-number.ts';

test.each([
  ['28/09/2026', '2026-09-28'],
  ['2026-09-28', '2026-09-28'],
  ['12 AUG 1974', '1974-08-12'],
  ['12 October 2026', '2026-10-12'],
  ['October 3, 2026', '2026-10-03'],
  ['2 de febrero de 1964', '1964-02-02'],
  ['el catorce de agosto de mil novecientos noventa y tres.', '1993-08-14'],
  ['Cádiz, a veintisiete de enero de dos mil veintiséis.', '2026-01-27'],
  ['treinta y uno de mayo de dos mil', '2000-05-31'],
  ['catorce   Mes: agosto   Año: mil novecientos noventa y tres', '1993-08-14'],
])('%s is the date %s', (text, value) => {
  expect(findDates(text).map((date) => date.value)).toEqual([value]);
});

test.each(['31/02/2026', '12/2026', '1257L', '99/99/2026'])('%s is no date', (text) => {
  expect(findDates(text)).toEqual([]);
});

test.each([
  ['1,234.56', '1234.56'],
  ['1.234,56', '1234.56'],
  ['£2,644.03', '2644.03'],
  ['4.080,12 €', '4080.12'],
  ['-12.00', '-12.00'],
  ['1.234.567,00', '1234567.00'],
  ['0.99', '0.99'],
])('%s is the amount %s', (text, value) => {
  expect(findAmounts(text).map((amount) => amount.value)).toEqual([value]);
});

test('a quantity before an amount is not part of it', () => {
  expect(findAmounts('10 115.23 1,152.30').map(({ value }) => value)).toEqual([
    '115.23',
    '1152.30',
  ]);
});

test.each(['28/09/2026', '1257', '1,234,56', '12.5', '20-45-77'])('%s is no amount', (text) => {
  expect(findAmounts(text)).toEqual([]);
});

test.each([
  ['dieciséis', 16],
  ['treinta y uno', 31],
  ['mil novecientos noventa y tres', 1993],
  ['dos mil veintiséis', 2026],
  ['dos mil', 2000],
  ['veintiuna', 21],
])('%s is %i', (text, value) => {
  expect(spanishNumber(text)).toBe(value);
});

test('words that are no number give null', () => {
  expect(spanishNumber('la Ley')).toBeNull();
  expect(spanishNumber('')).toBeNull();
});

test('an account number with a wrong digit is not valid', () => {
  expect(isIban('GB82 WEST 1234 5698 7654 32')).toBe(true);
  expect(isIban('GB82 WEST 1234 5698 7654 33')).toBe(false);
  expect(isIban('ES91 2100 0418 4502 0005 1332')).toBe(true);
});
