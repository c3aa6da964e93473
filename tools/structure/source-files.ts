import { globSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';

/** Files that ship: everything under `src` of an app or a library, without the specs beside their subjects. */
export const shippedFiles = (root: string): string[] =>
  globSync('{apps,libs}/*/src/**/*.ts', { cwd: root })
    .filter((file) => !isSpec(file))
    .toSorted();

export const isSpec = (file: string): boolean => file.endsWith('.spec.ts');

// Static and dynamic imports, re-exports, and modules that are named by their URL.
const importing =
  /(?:\bfrom\s+|\bimport\s*\(?\s*|\bnew URL\(\s*)['"](\.{1,2}\/[^'"]+|@casewire\/[^'"]+)['"]/g;
// A script that is started as a process of its own, named by its file in the same folder.
const starting = /['"](?:\.\/)?([\w.-]+\.ts)['"]/g;

/**
 * The files of this repository that a file imports, by their paths from its root.
 * @param aliases what `@casewire/…` stands for
 */
export function importsOf(
  root: string,
  file: string,
  aliases: ReadonlyMap<string, string>,
): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  const imported = [...text.matchAll(importing)].flatMap(([, name]) => {
    if (name!.startsWith('.')) return [normalize(join(file, '..', name!))];
    const target = aliases.get(name!);
    return target === undefined ? [] : [target];
  });
  const started = [...text.matchAll(starting)].map(([, name]) => join(file, '..', name!));
  return [...imported, ...started];
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
