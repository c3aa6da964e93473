import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Account } from './account.ts';

export interface Location {
  /** The folder with bin, lib and share. */
  binaries: string;
  data: string;
}

/** Where root's databases live when the wanted folder is closed to the account that runs them. */
const sharedRoot = '/var/lib/casewire';

/**
 * Where the binaries and the data are, such that the account can reach them. Below a folder that only root may enter
 * (a clone in a 0700 home) both move to a folder that is open on the way, named after the folder that was asked for.
 */
export function reachable(
  wanted: Location,
  account: Account | undefined,
  root = sharedRoot,
): Location {
  if (!account) return wanted;
  const id = createHash('sha256').update(wanted.data).digest('hex').slice(0, 16);
  return {
    binaries: mayEnter(wanted.binaries, account) ? wanted.binaries : copyOf(wanted.binaries, root),
    data: mayEnter(dirname(wanted.data), account) ? wanted.data : join(root, 'data', id),
  };
}

/** Whether every folder on the way lets the account through. */
export function mayEnter(path: string, { uid, gid }: Account): boolean {
  for (let folder = path; ; folder = dirname(folder)) {
    if (existsSync(folder)) {
      const stat = statSync(folder);
      const shift = stat.uid === uid ? 6 : stat.gid === gid ? 3 : 0;
      if (!((stat.mode >> shift) & 1)) return false;
    }
    if (folder === dirname(folder)) return true;
  }
}

function copyOf(binaries: string, root: string): string {
  const stamp = statSync(join(binaries, 'bin')).mtimeMs;
  const id = createHash('sha256').update(`${binaries}:${stamp}`).digest('hex').slice(0, 16);
  const copy = join(root, 'postgres', id);
  if (existsSync(copy)) return copy;
  const draft = `${copy}.${process.pid}`;
  mkdirSync(dirname(copy), { recursive: true, mode: 0o755 });
  cpSync(binaries, draft, { recursive: true, verbatimSymlinks: true });
  try {
    renameSync(draft, copy);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    // Somebody else finished the same copy first: theirs serves as well.
    if (!existsSync(copy)) throw error;
  }
  return copy;
}
