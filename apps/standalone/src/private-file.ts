import { renameSync, writeFileSync } from 'node:fs';

/** Writes a file that only its owner can read, atomically: no reader sees an incomplete file. */
export function writePrivateFile(path: string, text: string): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  renameSync(draft, path);
}
