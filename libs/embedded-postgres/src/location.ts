import { createHash } from 'node:crypto';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';

import type { Account } from './account.ts';

export interface Location {
  /** The folder with bin, lib and share. */
  binaries: string;
  data: string;
}

/** The folder for databases of root if the account that runs them cannot enter the requested folder. */
const sharedRoot = '/var/lib/casewire';

/**
 * A location that the account can reach. If the requested folders are below one that only root can enter (such as a clone in a home
 * with mode 0700), both move to a folder that every account can enter; its name is a hash of the requested one.
 */
export function reachable(
  requested: Location,
  account: Account | undefined,
  root = sharedRoot,
): Location {
  if (!account) return requested;
  const id = createHash('sha256').update(requested.data).digest('hex').slice(0, 16);
  return {
    binaries: mayEnter(requested.binaries, account)
      ? requested.binaries
      : copyOf(requested.binaries, root),
    data: mayEnter(dirname(requested.data), account) ? requested.data : join(root, 'data', id),
  };
}

/** Whether the account can enter every folder of the path. */
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
    // Another process finished the same copy first.
    if (!existsSync(copy)) throw error;
  }
  return copy;
}
