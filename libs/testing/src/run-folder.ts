import { chmodSync, mkdtempSync, readlinkSync } from 'node:fs';
import { lstat, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { isRunning, processIdentity, ProcessIdentity } from '@casewire/folder-lock';
import { z } from 'zod';

// Short: paths of sockets lie below it, and they have about a hundred characters.
const prefix = 'casewire-t-';
const ownerFile = 'owner.json';
/** Between the two steps of making a folder it has no owner; so long nobody takes it for abandoned. */
const unownedMs = 600_000;

const Owner = ProcessIdentity.extend({
  /** Numbers of processes mean something within their PID namespace only (pid_namespaces(7)). */
  namespace: z.string(),
});

/**
 * The folder for temporary files of one run of the tests, named in it by the process that owns it. What an interrupted run
 * leaves is removed by the next one.
 */
export class RunFolder {
  private constructor(readonly path: string) {}

  /** Makes the folder, after those of runs that do not run any more were removed. */
  static async create(parent = tmpdir()): Promise<RunFolder> {
    await removeAbandonedRunFolders(parent);
    const path = mkdtempSync(join(parent, prefix));
    // PostgreSQL may run as another account, which has to reach its files below.
    chmodSync(path, 0o711);
    const owner = { ...(await processIdentity(process.pid)), namespace: pidNamespace() };
    await writeFile(join(path, ownerFile), JSON.stringify(owner));
    return new RunFolder(path);
  }

  /** The names of what is in here. Processes that end may still be removing their files: they get `patienceMs` for it. */
  async leftovers(patienceMs = 10_000): Promise<string[]> {
    const until = performance.now() + patienceMs;
    for (;;) {
      const left = (await readdir(this.path)).filter((name) => name !== ownerFile);
      if (left.length === 0 || performance.now() >= until) return left.toSorted();
      await delay(50);
    }
  }

  async remove(): Promise<void> {
    await removeTree(this.path);
  }
}

/** Removes the folders in here whose runs do not run any more. */
export async function removeAbandonedRunFolders(parent: string): Promise<void> {
  // A folder for temporary files that cannot be listed can still be written to.
  for (const name of await readdir(parent).catch(() => [])) {
    const path = join(parent, name);
    if (!name.startsWith(prefix) || !(await isAbandoned(path))) continue;
    // A file system that a test mounted may stand in there: it is left, and no reason not to run the tests.
    await removeTree(path).catch(() => undefined);
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  try {
    const found = await lstat(path);
    if (!found.isDirectory() || found.uid !== process.getuid?.()) return false;
    const owner = await ownerOf(path);
    if (!owner) return Date.now() - found.mtimeMs > unownedMs;
    return owner.namespace === pidNamespace() && !(await isRunning(owner));
  } catch {
    // Another run removes it at the same time.
    return false;
  }
}

/** Null where none is recorded, or only half. */
async function ownerOf(path: string): Promise<z.infer<typeof Owner> | null> {
  try {
    return Owner.parse(JSON.parse(await readFile(join(path, ownerFile), 'utf8')));
  } catch {
    return null;
  }
}

/** The database of a killed run may still be closing its files in there. */
const removeTree = (path: string) =>
  rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    // Where the system has no namespaces there is one.
    return '';
  }
}
