import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { expect, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const page = read('docs/partner-api.md');

/** The names in the first cells of the rows of a table, by the cells of its head. */
const namesOf = (text: string, head: string): string[] =>
  text
    .split(`${head}\n`)[1]!
    .split('\n\n')[0]!
    .split('\n')
    .flatMap((line) => [...line.split('|')[1]!.matchAll(/`(\w+)`/g)].map(([, name]) => name!));

const actionsOf = (text: string) => namesOf(text, '| name | what is allowed |').toSorted();
const refusalsOf = (text: string) => new Set(namesOf(text, '| code | the request |'));

const actions = [
  ...read('apps/cases/src/case/refusals.ts')
    .match(/type Action =([^;]+);/)![1]!
    .matchAll(/'(\w+)'/g),
]
  .map(([, name]) => name!)
  .toSorted();

/** The codes of refused commands; a deleted case is a 404 for all requests but a submission. */
const codes = globSync('apps/cases/src/case/*.ts', { cwd: root })
  .filter((file) => !file.endsWith('.spec.ts'))
  .flatMap((file) => [...read(file).matchAll(/new CommandRefused\('(\w+)'/g)])
  .map(([, code]) => code!)
  .filter((code) => code !== 'CASE_DELETED');

const missingCodes = (text: string) => codes.filter((code) => !refusalsOf(text).has(code));

test('the page has the name of every action that a refusal says is allowed', () => {
  expect(actions.length).toBeGreaterThan(5);
  expect(actionsOf(page)).toEqual(actions);
});

test('the page has the code of every refusal', () => {
  expect(codes.length).toBeGreaterThan(5);
  expect(missingCodes(page)).toEqual([]);
});

test('a name or a code that the page lacks is found', () => {
  expect(actionsOf(page.replace('| `revise` |', '| `correct` |'))).not.toEqual(actions);
  expect(missingCodes(page.replace('| `NO_EXTRACTION` |', '| `NOTHING` |'))).toEqual([
    'NO_EXTRACTION',
  ]);
});
