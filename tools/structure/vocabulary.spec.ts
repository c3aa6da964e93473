import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { retiredWordsIn } from './vocabulary.ts';

const here = resolve(import.meta.dirname, '../..');
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'casewire-vocabulary-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const found = (text: string): string[] => {
  writeFileSync(join(folder, 'planted.ts'), text);
  return retiredWordsIn(folder, ['planted.ts']);
};

test('no retired word is in identifiers, comments or documents', () => {
  expect(retiredWordsIn(here)).toEqual([]);
});

test.each([
  ['a class', 'export class SoleOwner {}', 'sole owner'],
  ['a type in a longer name', 'type A = StageOutcomes;', 'stage outcomes'],
  ['a function', 'holdLanes(client);', 'hold lanes'],
  ['a constant', 'const OUTCOME_EVENT = 1;', 'outcome event'],
  ['a table', 'select * from blob_debt', 'blob debt'],
  ['a file', `import './sole-owner.ts';`, 'sole owner'],
  ['a comment', '// What nobody trusts is parsed elsewhere.', 'nobody trusts'],
  ['a sentence', 'The receiver is told of the gap.', 'told'],
])('a retired word in %s is found', (_, text, word) => {
  expect(found(text)).toEqual([expect.stringContaining(`planted.ts:1: "${word}" is now`)]);
});

test('a word that only contains a retired one is not retired', () => {
  expect(found('const storyteller = threshold; // allowed, followed')).toEqual([]);
});
