import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { testFolder } from '@casewire/testing';
import { expect, test } from 'vitest';

import defaultTemplates from './default-templates.json' with { type: 'json' };
import { readTemplates } from './read-templates.ts';

const folder = testFolder('order-templates');
const file = join(folder, 'templates.json');

async function read(content: string | object) {
  await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content));
  return readTemplates(file);
}

const template = {
  id: 'casewire.tax',
  version: 1,
  title: 'Tax',
  verifications: [{ name: 'tax', method: 'documents', documentTypes: ['invoice'] }],
};
const verification = template.verifications[0];
const fileWith = (...templates: object[]) => ({ templates });
const withVerification = (changes: object) =>
  fileWith({ ...template, verifications: [{ ...verification, ...changes }] });

test('without a file the templates of this version apply', async () => {
  const templates = await readTemplates();
  expect(templates.latestAfter('')).toEqual(
    defaultTemplates.templates.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
  );
  expect(templates.get('casewire.identity-instant')).toMatchObject({
    verifications: [{ method: 'instant', documentTypes: ['passport'], approval: 'none' }],
  });
  expect(templates.get('casewire.income-outreach')).toMatchObject({
    verifications: [{ method: 'outreach', documentTypes: ['payslip'], approval: 'any' }],
  });
});

test('a file replaces them, and its missing fields have their defaults', async () => {
  const templates = await read(
    fileWith(template, { ...template, version: 2, title: 'Tax, again' }),
  );
  expect(templates.get('casewire.income')).toBeUndefined();
  expect(templates.get('casewire.tax')).toMatchObject({ version: 2, title: 'Tax, again' });
  expect(templates.get('casewire.tax', 1)?.verifications).toEqual([
    { ...verification, features: ['extraction', 'forensics'], approval: 'none' },
  ]);
  expect(templates.get('casewire.tax', 3)).toBeUndefined();
});

test('the latest version is the highest, in whatever order the file has them', async () => {
  const versions = [2, 10, 1].map((version) => ({ ...template, version }));
  const templates = await read(fileWith(...versions));
  expect(templates.get('casewire.tax')?.version).toBe(10);
  expect(templates.latestAfter('').map(({ version }) => version)).toEqual([10]);
});

test.each<[string, string | object, string]>([
  ['is not JSON', '{"templates":', 'cannot be read'],
  ['has no templates', {}, 'templates: '],
  ['has an unknown field', { ...fileWith(template), colour: 'red' }, 'colour'],
  [
    'has a template without the prefix',
    fileWith({ ...template, id: 'tax' }),
    'the file: must only',
  ],
  ['has a version twice', fileWith(template, template), 'the file: must not have a version'],
  ['has an invalid id', fileWith({ ...template, id: 'casewire.Tax' }), 'templates.0.id: must be'],
  ['has version 0', fileWith({ ...template, version: 0 }), 'templates.0.version: '],
  ['has no title', fileWith({ ...template, title: '' }), 'templates.0.title: '],
  [
    'has no verification',
    fileWith({ ...template, verifications: [] }),
    'templates.0.verifications: ',
  ],
  [
    'has an unknown method',
    withVerification({ method: 'magic' }),
    'templates.0.verifications.0.method: ',
  ],
  [
    'has no document type',
    withVerification({ documentTypes: [] }),
    'templates.0.verifications.0.documentTypes: ',
  ],
  [
    'lacks a feature',
    withVerification({ features: ['extraction'] }),
    'templates.0.verifications.0.features: must contain extraction and forensics',
  ],
  [
    'has an unknown approval',
    withVerification({ approval: 'both' }),
    'templates.0.verifications.0.approval: ',
  ],
])('a file that %s is refused, naming the file and the field', async (_, content, named) => {
  const error = await read(content).catch((caught: Error) => caught);
  expect(error).toMatchObject({ code: 'CONFIG_INVALID' });
  expect((error as Error).message).toContain(file);
  expect((error as Error).message).toContain(named);
});

test('every invalid field of a file is named', async () => {
  const broken = fileWith({ ...template, version: 0 }, { ...template, title: '' });
  const error = await read(broken).catch((caught: Error) => caught);
  expect((error as Error).message).toContain('templates.0.version: ');
  expect((error as Error).message).toContain('templates.1.title: ');
});

test('a file that does not exist is refused by its name', async () => {
  const missing = join(folder, 'none.json');
  await expect(readTemplates(missing)).rejects.toThrow(missing);
});
