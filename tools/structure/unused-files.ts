import { globSync } from 'node:fs';

import { importsOf, readAliases, shippedFiles } from './source-files.ts';

/** Files under `src` that are entry points of a program or a package, or that a program loads by a pattern of names. */
const entryPoints = [
  /^apps\/[^/]+\/src\/(?:main|index)\.ts$/,
  /^libs\/[^/]+\/src\/index\.ts$/,
  /\.job\.ts$/,
  // Named by the scripts of package.json, or started as a process of its own.
  /^libs\/apache-kafka\/src\/run\.ts$/,
];

/** Libraries that only tests and tools use: all of their `src` is test code by purpose. */
const testLibraries = /^libs\/(?:testing|samples|apache-kafka)\//;

/**
 * Files under `src` that no file under `src`, no tool and no build script imports: only tests would use them, or nothing does.
 */
export function filesForTestsOnly(root: string): string[] {
  const aliases = readAliases(root);
  const tools = globSync('{tools/**/*.ts,libs/*/*.ts,*.ts}', { cwd: root }).filter(
    (file) => !file.endsWith('.spec.ts'),
  );
  const used = new Set(
    [...shippedFiles(root), ...tools].flatMap((file) => importsOf(root, file, aliases)),
  );
  return shippedFiles(root).filter(
    (file) =>
      !used.has(file) &&
      !testLibraries.test(file) &&
      !entryPoints.some((pattern) => pattern.test(file)),
  );
}
