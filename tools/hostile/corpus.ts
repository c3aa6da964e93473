import { statSync } from 'node:fs';
import { opendir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';

import type { HostileFile } from './hostile-file.ts';

export class CorpusMissing extends Error {
  readonly code = 'CORPUS_MISSING';
}

/** Every regular file of a folder and its subfolders. @throws CorpusMissing */
export function corpusFiles(folder: string): AsyncGenerator<HostileFile> {
  if (!statSync(folder, { throwIfNoEntry: false })?.isDirectory()) {
    throw new CorpusMissing(`--corpus: ${folder} is no folder`);
  }
  return filesBelow(folder);
}

async function* filesBelow(folder: string): AsyncGenerator<HostileFile> {
  for await (const entry of await opendir(folder, { recursive: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    yield { name: entry.name, bytes: await readFile(path), about: relative(folder, path) };
  }
}
