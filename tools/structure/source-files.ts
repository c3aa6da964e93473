import { globSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';

/** Files that ship: everything under `src` of an app or a library, without the specs beside their subjects. */
export const shippedFiles = (root: string): string[] =>
  globSync('{apps,libs}/*/src/**/*.ts', { cwd: root })
    .filter((file) => !file.endsWith('.spec.ts'))
    .toSorted();

// Imports and re-exports, and files that a program loads or starts by their path: any quoted name of a file, or of a package.
const named = /['"]((?:\.{1,2}\/)*[\w./-]+\.ts|@casewire\/[\w/-]+)['"]/g;

/**
 * The files of this repository that a file names, by their paths from its root.
 * @param aliases what `@casewire/…` stands for
 */
export function importsOf(
  root: string,
  file: string,
  aliases: ReadonlyMap<string, string>,
): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(named)].flatMap(([, name]) => {
    if (name!.endsWith('.ts')) return [normalize(join(file, '..', name!))];
    const target = aliases.get(name!);
    return target === undefined ? [] : [target];
  });
}

/** The aliases of tsconfig.base.json: the name of a package, and the file that it stands for. */
export function readAliases(root: string): Map<string, string> {
  const config = JSON.parse(readFileSync(join(root, 'tsconfig.base.json'), 'utf8')) as {
    compilerOptions: { paths: Record<string, [string]> };
  };
  return new Map(
    Object.entries(config.compilerOptions.paths).map(([name, [path]]) => [name, normalize(path)]),
  );
}
