import { readdirSync } from 'node:fs';

import { expect, test } from 'vitest';

import { floors, upwardImports } from './floors.ts';

const src = new URL('../src/', import.meta.url);
const files = readdirSync(src, { recursive: true, encoding: 'utf8' }).filter(
  (file) => file.endsWith('.ts') && !file.endsWith('.spec.ts'),
);

test('no file imports a higher floor', () => {
  for (const folder of floors.flat())
    expect(files.some((file) => file.startsWith(`${folder}/`))).toBe(true);
  expect(upwardImports(files)).toEqual([]);
});

test.each([
  ['model/a.ts', `import type { B } from '../registry/b.ts';`, 'model/a.ts -> registry/b.ts'],
  [
    'registry/a.ts',
    `export { b } from '../engine/egress/b.ts';`,
    'registry/a.ts -> engine/egress/b.ts',
  ],
  [
    'engine/egress/a.ts',
    `import '../dispatch/b.ts';`,
    'engine/egress/a.ts -> engine/dispatch/b.ts',
  ],
  ['engine/store/a.ts', `await import('../../intake/b.ts');`, 'engine/store/a.ts -> intake/b.ts'],
  [
    'engine/dispatch/a.ts',
    `import { b } from '../../service.ts';`,
    'engine/dispatch/a.ts -> service.ts',
  ],
])('an upward import in %s is found', (file, source, expected) => {
  expect(upwardImports([file], () => source)).toEqual([expected]);
});

test('imports of the same floor and of lower floors are allowed', () => {
  const source = `import { b } from './b.ts';\nimport { c } from '../../model/c.ts';`;
  expect(upwardImports(['engine/dispatch/a.ts'], () => source)).toEqual([]);
});
