import { randomUUID } from 'node:crypto';
import { link, mkdir, open, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

import { isRunning, processIdentity, ProcessIdentity, readText } from './process-identity.ts';

const ATTEMPTS = 5;

const LockContent = ProcessIdentity.extend({ token: z.string() });
type LockContent = z.infer<typeof LockContent>;

/** Another process, or another part of this one, uses the folder. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
  readonly code = 'FOLDER_IN_USE';
  readonly retriable = false;
}

const lockedHere = new Set<string>();

/** The exclusive lock of a data folder, across processes and within this one. */
export class FolderLock {
  private constructor(
    private readonly path: string,
    private readonly token: string,
  ) {}

  /**
   * Locks the folder, and creates it if it does not exist. The lock of a process that has ended is replaced.
   * @param file the name of the lock file in the folder
   * @throws FolderInUse; the system's error if the folder cannot be created or written to
   */
  static async acquire(folder: string, file: string): Promise<FolderLock> {
    await mkdir(folder, { recursive: true });
    const path = join(folder, file);
    const token = randomUUID();
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (await create(path, await describeSelf(token))) {
        lockedHere.add(token);
        return new FolderLock(path, token);
      }
      const text = await readText(path);
      if (text === undefined) continue;
      const lock = parseLock(text);
      if (lock && (await isAlive(lock)))
        throw new FolderInUse(`${folder} is in use by process ${lock.pid}`);
      await removeStale(path, text);
    }
    throw new FolderInUse(`${folder} is being locked by other processes`);
  }

  async release(): Promise<void> {
    lockedHere.delete(this.token);
    const text = await readText(this.path);
    if (text !== undefined && parseLock(text)?.token === this.token) await rm(this.path);
  }
}

/** Creates the lock file with its whole text, unless it exists. No reader sees a half-written lock. */
async function create(path: string, content: LockContent): Promise<boolean> {
  const draft = `${path}.${content.token}`;
  const file = await open(draft, 'wx');
  try {
    await file.writeFile(JSON.stringify(content));
  } finally {
    await file.close();
  }
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  } finally {
    await rm(draft);
  }
}

/** Removes a stale lock. If another process replaced it in the meantime, that process's lock is restored. */
async function removeStale(path: string, stale: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return;
    throw error;
  }
  if ((await readText(aside)) !== stale) await link(aside, path);
  await rm(aside);
}

async function isAlive({ token, ...identity }: LockContent): Promise<boolean> {
  // In a container every start has the same process id: a lock with this process's id that this process did not create is stale.
  if (identity.pid === process.pid) return lockedHere.has(token);
  return isRunning(identity);
}

const describeSelf = async (token: string): Promise<LockContent> => ({
  ...(await processIdentity(process.pid)),
  token,
});

function parseLock(text: string): LockContent | undefined {
  try {
    return LockContent.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
