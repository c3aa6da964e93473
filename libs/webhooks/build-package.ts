import { execFile } from 'node:child_process';
import { copyFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { rolldown } from 'rolldown';

const run = promisify(execFile);
const library = import.meta.dirname;
const tsc = join(
  dirname(createRequire(import.meta.url).resolve('typescript/package.json')),
  'bin/tsc',
);

/**
 * Builds the package for receivers, ready for `npm publish`: one ES module without dependencies besides Node, its types, the
 * manifest and the read-me.
 * @param folder where the package is written; it is emptied first
 */
export async function buildPackage(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'dist'), { recursive: true });
  const bundle = await rolldown({
    input: join(library, 'src/receiver/index.ts'),
    platform: 'node',
    // Everything else is bundled; a test checks that the module imports nothing but Node.
    external: /^node:/,
  });
  await bundle.write({ file: join(folder, 'dist/index.js'), format: 'esm' });
  await bundle.close();
  await run(process.execPath, [
    tsc,
    '-p',
    join(library, 'tsconfig.build.json'),
    '--outDir',
    join(folder, 'dist/types'),
  ]);
  await renameModules(join(folder, 'dist/types'));
  for (const file of ['package.json', 'README.md']) {
    await copyFile(join(library, file), join(folder, file));
  }
}

/** Replaces `.ts` by `.js` in the imports of declarations: the compiler does it in modules only. */
async function renameModules(types: string): Promise<void> {
  for (const name of await readdir(types, { recursive: true })) {
    if (!name.endsWith('.d.ts')) continue;
    const text = await readFile(join(types, name), 'utf8');
    await writeFile(join(types, name), text.replaceAll(/(from '\.{1,2}\/[^']+)\.ts'/g, "$1.js'"));
  }
}

if (import.meta.main) await buildPackage(process.argv[2] ?? 'dist/packages/webhooks');
