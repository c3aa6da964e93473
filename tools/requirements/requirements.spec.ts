import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { describe, expect, test } from 'vitest';

import endToEnd from './end-to-end.json' with { type: 'json' };
import { listed, numbersIn, proofs, row } from './requirements.ts';

const document = `
| number | what holds |
|---|---|
| TE-1 | Results come by POST. |
| TV-2 | A field. |
| TV-3 | Another field. |
| TE-L1 | L: a limit. |
`;

const reportOf = (file: string, ...tests: [name: string, status: string][]) => ({
  testResults: [
    {
      name: `/root/${file}`,
      assertionResults: tests.map(([fullName, status]) => ({ fullName, status })),
    },
  ],
});

const rows = (...tests: [string, string][]) =>
  proofs(document, [reportOf('apps/a.spec.ts', ...tests)], '/root').map(row);

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

describe('a number that is proved from its cause to the request', () => {
  const only = { numbers: ['TE-1'], specs: ['tools/e2e/a.e2e.spec.ts'] };
  const first = (...reports: ReturnType<typeof reportOf>[]) =>
    row(proofs(document, reports, '/root', only)[0]!);
  const elsewhere = (status: string) => reportOf('apps/a.spec.ts', ['TE-1 comes', status]);
  const there = (status: string) => reportOf(only.specs[0]!, ['TE-1 comes', status]);

  test.each(['passed', 'failed'])('is open with a test elsewhere that %s', (status) => {
    expect(first(elsewhere(status))).toBe('TE-1   open');
  });

  test('is proved by a test of the listed files alone', () => {
    expect(first(elsewhere('failed'), there('passed'))).toBe(
      'TE-1   ok tools/e2e/a.e2e.spec.ts: TE-1 comes',
    );
  });

  test('has failed with such a test that fails', () => {
    expect(first(elsewhere('passed'), there('failed'))).toContain('FAILED');
  });

  test('leaves other numbers as they are', () => {
    const other = reportOf('apps/a.spec.ts', ['TE-1 TV-2 both', 'passed']);
    expect(proofs(document, [other], '/root', only).map(row)).toEqual([
      'TE-1   open',
      'TV-2   ok apps/a.spec.ts: TE-1 TV-2 both',
      'TV-3   open',
      'TE-L1  open',
    ]);
  });
});

describe('the list of these numbers', () => {
  const root = resolve(import.meta.dirname, '../..');
  const page = listed(readFileSync(join(root, 'docs/requirements.md'), 'utf8'));

  test('is what the page of requirements marks', () => {
    const marked = page.filter(({ text }) => text.endsWith(' (end to end)'));
    expect(marked.map(({ number }) => number).toSorted()).toEqual(endToEnd.numbers.toSorted());
  });

  test('names files that exist and start the platform as its user does', () => {
    for (const spec of endToEnd.specs) {
      expect(existsSync(join(root, spec))).toBe(true);
      expect(readFileSync(join(root, spec), 'utf8')).toContain('startedPlatform(');
    }
  });
});
