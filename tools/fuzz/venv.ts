import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const cache = fileURLToPath(new URL('../../.cache/', import.meta.url));

/** The virtual environment of schemathesis. */
export const fuzzVenv = (): Promise<string> =>
  pythonVenv('fuzz-venv', fileURLToPath(new URL('./requirements.txt', import.meta.url)));

/**
 * A virtual environment of Python with exactly the packages of a file; created once, and again when that file changes.
 * @param name of its folder below `.cache`
 * @param requirements the file
 * @returns its folder
 */
export async function pythonVenv(name: string, requirements: string): Promise<string> {
  const folder = join(cache, name);
  const made = join(folder, 'made-of.txt');
  const wanted = readFileSync(requirements, 'utf8');
  if (existsSync(made) && readFileSync(made, 'utf8') === wanted) return folder;
  mkdirSync(cache, { recursive: true });
  await run('python3', ['-m', 'venv', '--clear', folder]);
  await run(join(folder, 'bin/python'), [
    '-m',
    'pip',
    'install',
    '--quiet',
    '--disable-pip-version-check',
    '--no-deps',
    '--cache-dir',
    join(cache, 'pip'),
    '--requirement',
    requirements,
  ]);
  writeFileSync(made, wanted);
  return folder;
}
