import { existsSync, realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';

function nodeModulesFolder(from: string): string {
  for (let folder = from; ; folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules');
    if (existsSync(join(candidate, '@hyzyla/pdfium'))) return candidate;
    if (folder === dirname(folder)) throw new Error(`no node_modules above ${from}`);
  }
}

/** Every path that a sandboxed process may read: installed packages and the code it runs, nothing else. */
export function readablePaths(sourceFolders: readonly string[]): string[] {
  const modules = nodeModulesFolder(import.meta.dirname);
  // Both names, because the resolver reads both where the folder is a link.
  const packages = [modules, realpathSync(modules)].map((folder) => `${folder}/`);
  const workspace = join(dirname(modules), 'package.json');
  return [...new Set([...packages, workspace, ...sourceFolders.map((folder) => `${folder}/`)])];
}
