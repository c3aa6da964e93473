import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { wrongArrows } from './floors.ts';
import { longFiles } from './long-files.ts';
import { relativeAppImports } from './tool-imports.ts';
import { filesForTestsOnly } from './unused-files.ts';

const here = resolve(import.meta.dirname, '../..');
// A copy of the sources, in which a test may plant a violation.
let copy: string;
beforeAll(() => {
  copy = mkdtempSync(join(tmpdir(), 'casewire-structure-'));
  for (const part of ['apps', 'libs', 'tools', 'tsconfig.base.json'])
    cpSync(join(here, part), join(copy, part), { recursive: true });
});
afterAll(() => rmSync(copy, { recursive: true, force: true }));

/** What a check reports with one more file in the tree. */
function withFile<T>(file: string, text: string, check: (root: string) => T): T {
  writeFileSync(join(copy, file), text);
  try {
    return check(copy);
  } finally {
    rmSync(join(copy, file));
  }
}

describe('the folders of webhook-delivery', () => {
  const src = 'apps/webhook-delivery/src';

  test('import from the floors below only', () => {
    expect(wrongArrows(here)).toEqual([]);
  });

  test.each([
    ['model/planted.ts', '../registry/registry-views.ts', 'registry/registry-views.ts'],
    ['engine/store/planted.ts', '../dispatch/dispatcher.ts', 'engine/dispatch/dispatcher.ts'],
    ['engine/dispatch/planted.ts', '../../intake/event-intake.ts', 'intake/event-intake.ts'],
    ['notifications/planted.ts', '../intake/event-intake.ts', 'intake/event-intake.ts'],
    ['intake/planted.ts', '../api/idempotent-handler.ts', 'api/idempotent-handler.ts'],
    ['api/planted.ts', '../service.ts', 'service.ts'],
  ])('an arrow from %s to %s is found', (file, name, target) => {
    expect(withFile(`${src}/${file}`, `import '${name}';`, wrongArrows)).toEqual([
      `${src}/${file} -> ${src}/${target}`,
    ]);
  });

  test('a file on no floor is found', () => {
    expect(withFile(`${src}/planted.ts`, '', wrongArrows)).toEqual([
      `${src}/planted.ts is on no floor`,
    ]);
  });
});

describe('src ships', () => {
  test('no file of it is for tests only', () => {
    expect(filesForTestsOnly(here)).toEqual([]);
  });

  test('a file that only a spec imports is found', () => {
    const helper = 'libs/auth/src/planted-fixture.ts';
    const spec = 'libs/auth/src/planted.spec.ts';
    const found = withFile(spec, `import './planted-fixture.ts';`, () =>
      withFile(helper, 'export const fixture = 1;', filesForTestsOnly),
    );
    expect(found).toEqual([helper]);
  });
});

describe('files that ship', () => {
  test('have at most 300 lines', () => {
    expect(longFiles(here)).toEqual([]);
  });

  test('a longer one is found', () => {
    const text = 'export {};\n'.repeat(301);
    expect(withFile('libs/auth/src/planted.ts', text, longFiles)).toEqual([
      'libs/auth/src/planted.ts: 301 lines',
    ]);
  });
});

describe('tools', () => {
  test('reach apps by their names', () => {
    expect(relativeAppImports(here)).toEqual([]);
  });

  test('a relative import of an app is found', () => {
    const text = `import { start } from '../apps/cases/src/service.ts';`;
    expect(withFile('tools/planted.ts', text, relativeAppImports)).toEqual([
      'tools/planted.ts -> apps/cases/src/service.ts',
    ]);
  });
});
