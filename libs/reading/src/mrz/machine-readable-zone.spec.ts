import { expect, test } from 'vitest';

import { decodeZone, isConsistent } from './machine-readable-zone.ts';

const today = new Date('2026-11-01T00:00:00Z');
// The specimens of ICAO Doc 9303, parts 4 and 5.
const passport = [
  'P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<',
  'L898902C36UTO7408122F1204159ZE184226B<<<<<10',
];
const card = [
  'I<UTOD231458907<<<<<<<<<<<<<<<',
  '7408122F1204159UTO<<<<<<<<<<<6',
  'ERIKSSON<<ANNA<MARIA<<<<<<<<<<',
];

test('the specimen passport decodes to its fields', () => {
  const zone = decodeZone(passport, today)!;
  expect(isConsistent(zone)).toBe(true);
  expect(zone.fields).toEqual({
    documentCode: 'P',
    issuingCountry: 'UTO',
    surname: 'ERIKSSON',
    givenNames: 'ANNA MARIA',
    documentNumber: 'L898902C3',
    nationality: 'UTO',
    dateOfBirth: '1974-08-12',
    dateOfExpiry: '2012-04-15',
    sex: 'F',
    optional: 'ZE184226B',
  });
});

test('the specimen card decodes from its three lines', () => {
  const zone = decodeZone(['IDENTITY CARD', ...card], today)!;
  expect(zone.format).toBe('TD1');
  expect(isConsistent(zone)).toBe(true);
  expect(zone.rows).toEqual([1, 2, 3]);
  expect(zone.fields.documentNumber).toBe('D23145890');
});

test('a zone is found among other lines, with spaces and lower case', () => {
  const zone = decodeZone(
    ['Place of birth', ' p<utoERIKSSON<<ANNA <MARIA<<<<', passport[1]!],
    today,
  )!;
  expect(isConsistent(zone)).toBe(true);
  expect(zone.rows).toEqual([1, 2]);
});

test('missing and superfluous fillers do not shift the fields', () => {
  for (const second of [
    'L898902C36UTO7408122F1204159ZE184226B<<<10',
    'L898902C36UTO7408122F1204159ZE184226B<<<<<<<10',
  ]) {
    const zone = decodeZone([passport[0]!, second], today)!;
    expect(zone.lines[1]).toBe(passport[1]);
    expect(isConsistent(zone)).toBe(true);
  }
});

test('letters that were read instead of digits are corrected, and fillers that were read as letters are removed', () => {
  const zone = decodeZone(
    [
      'P<UTOERIKSSON<<ANNA<MARIA<KLKLKKLKLKLKLKLKLK',
      'L898902C36UT074O8I22F12O4159ZE184226B<<<<<10',
    ],
    today,
  )!;
  expect(isConsistent(zone)).toBe(true);
  expect(zone.fields.givenNames).toBe('ANNA MARIA');
});

test.each([
  ['OLIVIA<K<<<<<<LKLIKLKLILLK', 'OLIVIA'],
  ['OLIVIAKK<KLLLLLLLLLLLLLIL', 'OLIVIA'],
  ['NEILL<<<<<<<<<<', 'NEILL'],
  ['JOSE<ANTONIO<<<<', 'JOSE ANTONIO'],
])('given names are cut out of %s', (field, givenNames) => {
  const zone = decodeZone([`P<UTOERIKSSON<<${field}`, passport[1]!], today)!;
  expect(zone.fields.givenNames).toBe(givenNames);
});

test('one misread character of the number is corrected where both check digits prove it', () => {
  const zone = decodeZone([passport[0]!, passport[1]!.replace('L898902C3', 'L8989O2C3')], today)!;
  expect(zone.fields.documentNumber).toBe('L898902C3');
  expect(zone.repairs).toBe(1);
  expect(isConsistent(zone)).toBe(true);
});

test('a changed digit is not corrected', () => {
  const zone = decodeZone([passport[0]!, passport[1]!.replace('7408122', '7508122')], today)!;
  expect(zone.checks).toEqual({
    documentNumber: true,
    dateOfBirth: false,
    dateOfExpiry: true,
    composite: false,
  });
  expect(isConsistent(zone)).toBe(false);
});

test('check digits that are correct by chance do not make a consistent zone', () => {
  const nonsense = decodeZone(
    [
      'P<000<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<',
      '000000000000000000000M0000000<<<<<<<<<<<<<<00',
    ],
    today,
  );
  expect(nonsense === null || !isConsistent(nonsense)).toBe(true);
});

test('a date of birth in the future is in the last century', () => {
  const zone = decodeZone([passport[0]!, passport[1]!.replace('7408122', '2712318')], today)!;
  expect(zone.fields.dateOfBirth).toBe('1927-12-31');
});

test('prose contains no zone', () => {
  expect(decodeZone(['We write to let you know', 'that the works will begin'], today)).toBeNull();
});
