import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const megabyte = 1024 * 1024;

/**
 * Limits of a sandboxed process by the kernel: its memory, its processor time in seconds, no written file, no core dump.
 * The seconds are more than any job may use: they end a process whose service was killed.
 */
const limits = [`--data=${1024 * megabyte}`, '--cpu=300', '--fsize=0', '--core=0'];

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The command that limits the command after it, or null where util-linux is not installed. */
export function prlimitCommand(searchPath = process.env.PATH ?? ''): string[] | null {
  const found = searchPath
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, 'prlimit'))
    .find(isExecutable);
  return found ? [found, ...limits] : null;
}
