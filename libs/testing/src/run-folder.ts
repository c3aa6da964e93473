import { chmodSync, mkdtempSync, readlinkSync } from 'node:fs';
import { lstat, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import { isRunning, processIdentity, ProcessIdentity } from '@casewire/folder-lock';
import { z } from 'zod';

// Short, because the path of a Unix socket has about 100 characters at most (unix(7)).
const prefix = 'casewire-t-';
const processFile = 'process.json';
/** How much is listed of a folder that is left. */
const maxListed = 20;
/** A new folder has no process file for a moment. Until this age, in milliseconds, it does not count as abandoned. */
const graceMs = 600_000;

const RunProcess = ProcessIdentity.extend({
  /** A process id is valid within its PID namespace only (pid_namespaces(7)). */
  namespace: z.string(),
});

/**
 * The folder for the temporary files of one test run. A file in it names the process of the run. The folder of an interrupted run is
 * removed by the next run.
 */
export class RunFolder {
  private constructor(readonly path: string) {}

  /** Removes the folders of runs that have ended, then creates the folder. */
  static async create(parent = tmpdir()): Promise<RunFolder> {
    await removeAbandonedRunFolders(parent);
    const path = mkdtempSync(join(parent, prefix));
    // PostgreSQL may run as another account, which has to reach its files below.
    chmodSync(path, 0o711);
    const own = { ...(await processIdentity(process.pid)), namespace: pidNamespace() };
    await writeFile(join(path, processFile), JSON.stringify(own));
    return new RunFolder(path);
  }

  /**
   * The names of the files and folders that are left, each with what is below it, up to a limit.
   * @param patienceMs how long to wait for processes that still remove their files, in milliseconds
   */
  async leftovers(patienceMs = 10_000): Promise<string[]> {
    const until = performance.now() + patienceMs;
    for (;;) {
      const left = (await readdir(this.path)).filter((name) => name !== processFile);
      if (left.length === 0) return [];
      if (performance.now() >= until) return this.everythingBelow(left);
      await delay(50);
    }
  }

  async remove(): Promise<void> {
    await removeTree(this.path);
  }

  /** The given names, and what is below them: whoever left it is found by that. */
  private async everythingBelow(names: readonly string[]): Promise<string[]> {
    const below = await Promise.all(
      // A file has nothing below it, and what is removed meanwhile neither.
      names.map((name) => readdir(join(this.path, name), { recursive: true }).catch(() => [])),
    );
    return names
      .flatMap((name, i) => [name, ...below[i]!.slice(0, maxListed).map((one) => join(name, one))])
      .toSorted();
  }
}

/** Removes the folders of runs that have ended. */
export async function removeAbandonedRunFolders(parent: string): Promise<void> {
  // A folder for temporary files that cannot be listed can still be written to.
  for (const name of await readdir(parent).catch(() => [])) {
    const path = join(parent, name);
    if (!name.startsWith(prefix) || !(await isAbandoned(path))) continue;
    // It may contain a file system that a test mounted: it stays, and the tests run nevertheless.
    await removeTree(path).catch(() => undefined);
  }
}

async function isAbandoned(path: string): Promise<boolean> {
  try {
    const found = await lstat(path);
    if (!found.isDirectory() || found.uid !== process.getuid?.()) return false;
    const run = await processOf(path);
    if (!run) return Date.now() - found.mtimeMs > graceMs;
    return run.namespace === pidNamespace() && !(await isRunning(run));
  } catch {
    // Another run may remove it at the same time.
    return false;
  }
}

/** Null if the process file does not exist or is not complete. */
async function processOf(path: string): Promise<z.infer<typeof RunProcess> | null> {
  try {
    return RunProcess.parse(JSON.parse(await readFile(join(path, processFile), 'utf8')));
  } catch {
    return null;
  }
}

/** Retries, because the database of a killed run may still be closing its files. */
const removeTree = (path: string) =>
  rm(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });

function pidNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    // A system without namespaces has only one.
    return '';
  }
}
