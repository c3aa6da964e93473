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
 * Makes the package for receivers, ready for `npm publish`: one ES module that needs nothing but Node, its types, and the
 * manifest.
 * @param folder is emptied first
 */
export async function buildPackage(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(join(folder, 'dist'), { recursive: true });
  const bundle = await rolldown({
    input: join(library, 'src/receiver/index.ts'),
    platform: 'node',
    // Everything else is bundled, and would be noticed.
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
  await nameModules(join(folder, 'dist/types'));
  for (const file of ['package.json', 'README.md']) {
    await copyFile(join(library, file), join(folder, file));
  }
}

/** In declarations the compiler leaves `.ts` where a reader expects `.js`. */
async function nameModules(types: string): Promise<void> {
  for (const name of await readdir(types, { recursive: true })) {
    if (!name.endsWith('.d.ts')) continue;
    const text = await readFile(join(types, name), 'utf8');
    await writeFile(join(types, name), text.replaceAll(/(from '\.{1,2}\/[^']+)\.ts'/g, "$1.js'"));
  }
}

if (import.meta.main) await buildPackage(process.argv[2] ?? 'dist/packages/webhooks');
