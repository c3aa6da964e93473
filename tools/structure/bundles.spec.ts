import { globSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';

import { rolldown } from 'rolldown';
import { expect, onTestFinished, test } from 'vitest';

const root = resolve(import.meta.dirname, '../..');
const apps = globSync('apps/*/src/main.ts', { cwd: root }).toSorted();

/** The files of this repository that a program ships, bundled as `nx build` does it. */
async function bundled(main: string): Promise<string[]> {
  const bundle = await rolldown({
    input: resolve(root, main),
    cwd: root,
    platform: 'node',
    tsconfig: join(root, 'tsconfig.json'),
    external: (id) => /^[^./#]/.test(id) && !/^(@casewire|@oxc-project)\//.test(id),
  });
  const { output } = await bundle.generate({ format: 'esm' });
  await bundle.close();
  return output.flatMap((chunk) =>
    'moduleIds' in chunk ? chunk.moduleIds.map((id) => relative(root, id)) : [],
  );
}

/** Files of tests, and of libraries for tests. */
const testCode = (files: readonly string[]): string[] =>
  files.filter((file) =>
    /^(?:apps|libs)\/[^/]+\/test\/|\.spec\.ts$|^libs\/(?:testing|samples|apache-kafka)\//.test(
      file,
    ),
  );

test('every app has an entry point', () => {
  expect(apps.length).toBeGreaterThan(8);
});

test.each(apps)('the bundle of %s has no test code', async (main) => {
  const files = await bundled(main);
  expect(files).toContain(main);
  expect(testCode(files)).toEqual([]);
});

test('test code in a bundle is found', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'casewire-bundle-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const fixture = join(root, 'libs/blobs/test/blob-store.suite.ts');
  const main = join(folder, 'main.ts');
  writeFileSync(main, `import * as suite from '${fixture}';\nconsole.log(suite);\n`);
  expect(testCode(await bundled(main))).toContain('libs/blobs/test/blob-store.suite.ts');
});
