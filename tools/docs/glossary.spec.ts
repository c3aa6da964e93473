import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { expect, test } from 'vitest';

import { termsOf, unexplained, unsorted, unused } from './glossary.ts';

const root = resolve(import.meta.dirname, '../..');
const read = (file: string) => readFileSync(join(root, file), 'utf8');
const terms = termsOf(read('docs/glossary.md'));
const texts = globSync(['*.md', 'docs/**/*.md', '{apps,libs}/**/*.ts'], { cwd: root })
  // The changelog lists names; listing one is not using it.
  .filter((file) => file !== 'docs/glossary.md' && file !== 'CHANGELOG.md')
  .map(read);

test('the glossary is sorted, has each term once, and defines what each is and is not', () => {
  expect(terms.length).toBeGreaterThan(80);
  expect(unsorted(terms)).toEqual([]);
  expect(unexplained(terms)).toEqual([]);
});

test('each term is used in the documentation or in the code', () => {
  expect(unused(terms, texts)).toEqual([]);
});

const term = (name: string) => ({ name, means: 'something', isNot: 'something else' });

test('a term at the wrong place, or there twice, is found', () => {
  expect(unsorted([term('lane'), term('head'), term('tail'), term('Tail')])).toEqual([
    'head',
    'Tail',
  ]);
});

test('a term without a meaning is found', () => {
  expect(
    unexplained(termsOf('| term | means | is not |\n|---|---|---|\n| lane |  | a queue |')),
  ).toEqual(['lane']);
});

test.each([
  ['the stage results are', true],
  ['type StageResult = {}', true],
  ['const stageResults = []', true],
  ['from stage_result where', true],
  ['a stage, a result', false],
  ['backstage result', false],
])('a term is used in %j: %j', (text, isUsed) => {
  expect(unused([term('stage result')], [text])).toEqual(isUsed ? [] : ['stage result']);
});

test('of two verbs in one row both have to be used', () => {
  expect(unused([term('suspend, resume')], ['it suspends'])).toEqual(['suspend, resume']);
  expect(unused([term('suspend, resume')], ['it suspends and resumes'])).toEqual([]);
});
