import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const imported = /\b(?:from|import)\s*\(?\s*['"](\.{1,2}\/[^'"]+\.ts)['"]/g;

/** The module without its types, or null where that fails: then Node loads it in the process, and reports the error. */
function withoutTypes(address: string): string | null {
  try {
    return stripTypeScriptTypes(readFileSync(fileURLToPath(address), 'utf8'));
  } catch {
    return null;
  }
}

/**
 * Strips the types off all modules of the sandboxed processes, once for all of them. A module that is not found here is
 * stripped by Node in the process: slower, with the same result.
 * @param roots addresses of the modules that processes start with, in addition to the jobs in the source folders
 * @returns JavaScript by the address of the module
 */
export function processSources(
  sourceFolders: readonly string[],
  roots: readonly string[],
): Record<string, string> {
  const jobs = sourceFolders.flatMap((folder) =>
    globSync('**/*.job.ts', { cwd: folder }).map((file) => pathToFileURL(join(folder, file)).href),
  );
  const sources: Record<string, string> = {};
  const seen = new Set([...roots, ...jobs]);
  for (const address of seen) {
    const source = withoutTypes(address);
    if (source === null) continue;
    sources[address] = source;
    for (const [, specifier] of source.matchAll(imported)) {
      seen.add(new URL(specifier!, address).href);
    }
  }
  return sources;
}

/**
 * Writes the code of the sandboxed processes into the folder.
 * @returns the script that starts a process; addresses of modules follow it on the command line
 */
export function writeProcessSources(
  folder: string,
  sourceFolders: readonly string[],
  roots: readonly string[],
): string {
  const start = join(folder, 'start.mjs');
  const text = readFileSync(join(import.meta.dirname, '../inside/start.ts'), 'utf8');
  writeFileSync(start, stripTypeScriptTypes(text), { mode: 0o400 });
  const sources = JSON.stringify(processSources(sourceFolders, roots));
  writeFileSync(join(folder, 'sources.json'), sources, { mode: 0o400 });
  return start;
}
