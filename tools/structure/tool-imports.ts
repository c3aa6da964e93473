import { globSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';

const importing = /\bfrom\s+'(\.{1,2}\/[^']+)'/g;

/** Imports of apps by a relative path in tools: an app is imported by its name, and offers what its index exports. */
export const relativeAppImports = (root: string): string[] =>
  globSync('tools/**/*.ts', { cwd: root }).flatMap((file) =>
    [...readFileSync(join(root, file), 'utf8').matchAll(importing)]
      .map(([, name]) => normalize(join(file, '..', name!)))
      .filter((target) => target.startsWith('apps/'))
      .map((target) => `${file} -> ${target}`),
  );
