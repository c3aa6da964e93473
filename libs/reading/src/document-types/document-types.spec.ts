import { globSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

import { DocumentType } from '@casewire/contracts';
import { expect, test } from 'vitest';

import { documentTypes, rulesOf } from './document-types.ts';

const root = resolve(import.meta.dirname, '../../../..');
const known = DocumentType.options.filter((type) => type !== 'unknown');
const literal = new RegExp(`(['"\`])(${known.join('|')})\\1`);

/** Files that may name a document type; everywhere else the code decides by a property of the type. */
const naming = [
  'libs/contracts/src/document-type.ts',
  'libs/reading/src/document-types/',
  // The types of the npm package: their own spec compares them with the contracts.
  'libs/webhooks/src/receiver/events.ts',
  // Samples: what they generate is of a certain type.
  'libs/samples/src/',
  'apps/event-catalog/src/seeds/',
];

const namesType = (file: string, text: string): boolean =>
  literal.test(text) && !naming.some((path) => file.startsWith(path));

test('a document type is named in the registry only', () => {
  const files = globSync('{apps,libs}/*/src/**/*.ts', { cwd: root }).filter(
    (file) => !file.endsWith('.spec.ts'),
  );
  expect(files.length).toBeGreaterThan(300);
  const found = files.filter((file) => namesType(file, readFileSync(join(root, file), 'utf8')));
  expect(found).toEqual([]);
});

test.each([
  `if (documentType === 'passport') readZone();`,
  `switch (type) { case "payslip": break; }`,
  `appliesTo: ['bank_statement', 'invoice'],`,
])('a file that names a document type is found: %s', (text) => {
  expect(namesType('apps/forensics/src/planted.ts', text)).toBe(true);
  expect(namesType('libs/reading/src/document-types/planted.data.ts', text)).toBe(false);
});

test('every known type has rules, `unknown` has none', () => {
  expect(documentTypes.map(([type]) => type).toSorted()).toEqual(known.toSorted());
  expect(rulesOf('unknown')).toBeNull();
});

test.each(documentTypes)('dates that follow each other in a %s are date fields', (_, rules) => {
  const dates = rules.fields.filter(({ kind }) => kind === 'date').map(({ name }) => name);
  expect(dates).toEqual(expect.arrayContaining(rules.dateOrder ?? []));
});
