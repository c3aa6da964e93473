import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

const megabyte = 1024 * 1024;

/**
 * Bounds that the kernel holds a child to: memory of its own, seconds of processor, no file written, no core dumped.
 * The seconds are more than any job may use, for they also hold for a child whose service is gone.
 */
const bounds = [`--data=${1024 * megabyte}`, '--cpu=300', '--fsize=0', '--core=0'];

const isExecutable = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
};

/** The command that puts the bounds on what follows it, or null where util-linux is not at hand. */
export function prlimitCommand(searchPath = process.env.PATH ?? ''): string[] | null {
  const found = searchPath
    .split(delimiter)
    .filter(Boolean)
    .map((folder) => join(folder, 'prlimit'))
    .find(isExecutable);
  return found ? [found, ...bounds] : null;
}
