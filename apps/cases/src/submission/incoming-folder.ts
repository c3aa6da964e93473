import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { FolderInUse, FolderLock } from '@casewire/folder-lock';

/** A folder that one instance of the service writes incoming uploads to. */
export interface IncomingFolder {
  readonly path: string;
  /** Removes the folder with everything in it. */
  release(): Promise<void>;
}

const maxInstances = 64;

/**
 * Acquires a folder below the root for this process alone, and deletes what ended processes left in theirs: parts of
 * personal documents that belong to no case.
 * @param root the folder of all instances on this machine; containers do not share it
 * @throws FolderInUse if all folders are in use; the system's error if the root is not writable
 */
export async function acquireIncomingFolder(root: string): Promise<IncomingFolder> {
  await mkdir(root, { recursive: true, mode: 0o700 });
  let own: { path: string; lock: FolderLock } | undefined;
  for (let number = 1; number <= maxInstances; number++) {
    const path = join(root, `${number}`);
    if (own && !(await exists(root, `${number}`))) continue;
    const lock = await FolderLock.acquire(root, `${number}.lock`).catch((error: unknown) => {
      if (error instanceof FolderInUse) return null;
      throw error;
    });
    if (!lock) continue;
    await rm(path, { recursive: true, force: true });
    if (own) {
      await lock.release();
      continue;
    }
    await mkdir(path, { mode: 0o700 });
    own = { path, lock };
  }
  if (!own) throw new FolderInUse(`${root}: all of ${maxInstances} folders are in use`);
  const { path, lock } = own;
  return {
    path,
    async release() {
      await rm(path, { recursive: true, force: true });
      await lock.release();
    },
  };
}

const exists = async (root: string, name: string) => (await readdir(root)).includes(name);
