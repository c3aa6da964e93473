import { expect, test } from 'vitest';

import { listed, numbersIn, proofs, row } from './requirements.ts';

const document = `
| number | what holds |
|---|---|
| TE-1 | Results come by POST. |
| TV-2 | A field. |
| TV-3 | Another field. |
| TE-L1 | L: a limit. |
`;

const report = (...tests: [name: string, status: string][]) => ({
  testResults: [
    {
      name: '/root/apps/a.spec.ts',
      assertionResults: tests.map(([fullName, status]) => ({ fullName, status })),
    },
  ],
});

const rows = (...tests: [string, string][]) =>
  proofs(document, [report(...tests)], '/root').map(row);

test('every row that begins with a number is listed', () => {
  expect(listed(document).map(({ number }) => number)).toEqual(['TE-1', 'TV-2', 'TV-3', 'TE-L1']);
});

test.each([
  ['TE-1 TE-9 both', ['TE-1', 'TE-9']],
  ['scenarios TV-2..4 in a row', ['TV-2', 'TV-3', 'TV-4']],
  ['TV-2..TV-3', ['TV-2', 'TV-3']],
  ['TE-L4 a limit', ['TE-L4']],
  ['ATE-1, TE-, TX-1: none', []],
  ['part of TV-2 TV-3..4: its wire form', []],
  ['TE-1 TE-9, part of TV-2: a list and TV-3', ['TE-1', 'TE-9', 'TV-3']],
])('the numbers in %j', (name, numbers) => {
  expect(numbersIn(name)).toEqual(numbers);
});

test('a number is proved by a test that passed, and open without one', () => {
  expect(rows(['TE-1 comes', 'passed'], ['TV-2..3 fields', 'passed'])).toEqual([
    'TE-1   ok apps/a.spec.ts: TE-1 comes',
    'TV-2   ok apps/a.spec.ts: TV-2..3 fields',
    'TV-3   ok apps/a.spec.ts: TV-2..3 fields',
    'TE-L1  open',
  ]);
});

test('a number of which only a part is shown stays open', () => {
  expect(rows(['part of TE-1: its wire form', 'passed'])[0]).toBe('TE-1   open');
});

test.each(['failed', 'skipped', 'todo', 'pending'])('a test that %s proves nothing', (status) => {
  expect(rows(['TE-1 comes', 'passed'], ['TE-1 goes', status])[0]).toBe(
    'TE-1   FAILED apps/a.spec.ts: TE-1 goes (and 1 more)',
  );
});
