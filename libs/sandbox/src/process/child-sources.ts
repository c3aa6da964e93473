import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const imported = /\b(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+\.ts)['"]/g;

/** The module without its types, or null where Node is to try by itself, and to say what is wrong. */
function plain(address: string): string | null {
  try {
    return stripTypeScriptTypes(readFileSync(fileURLToPath(address), 'utf8'));
  } catch {
    return null;
  }
}

/**
 * Strips the types off the modules once that every child loads. What is not found here, Node strips in the child:
 * slower, and with the same result.
 * @param roots addresses of modules that children start from, beside the jobs in the source folders
 * @returns JavaScript by the module's address
 */
export function childSources(
  sourceFolders: readonly string[],
  roots: readonly string[],
): Record<string, string> {
  const jobs = sourceFolders.flatMap((folder) =>
    globSync('**/*.job.ts', { cwd: folder }).map((file) => pathToFileURL(join(folder, file)).href),
  );
  const sources: Record<string, string> = {};
  const seen = new Set([...roots, ...jobs]);
  for (const address of seen) {
    const source = plain(address);
    if (source === null) continue;
    sources[address] = source;
    for (const [, specifier] of source.matchAll(imported)) {
      seen.add(new URL(specifier!, address).href);
    }
  }
  return sources;
}

/**
 * Writes what children start from into the folder.
 * @returns the script that a child is started with; addresses of modules follow it on the command line
 */
export function writeChildSources(
  folder: string,
  sourceFolders: readonly string[],
  roots: readonly string[],
): string {
  const start = join(folder, 'start.mjs');
  const text = readFileSync(join(import.meta.dirname, 'child-start.ts'), 'utf8');
  writeFileSync(start, stripTypeScriptTypes(text), { mode: 0o400 });
  const sources = JSON.stringify(childSources(sourceFolders, roots));
  writeFileSync(join(folder, 'sources.json'), sources, { mode: 0o400 });
  return start;
}
