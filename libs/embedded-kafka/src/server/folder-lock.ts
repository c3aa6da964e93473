import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';

import { z } from 'zod';

const LOCK_FILE = 'broker.lock';
const ATTEMPTS = 5;

const Holder = z.object({
  pid: z.number(),
  /** When the process started, as the system says it; tells a process from a later one with the same id. Absent where it is not said. */
  startedAt: z.string().optional(),
  token: z.string(),
});
type Holder = z.infer<typeof Holder>;

/** Another broker works on the folder. */
export class FolderInUse extends Error {
  override readonly name = 'FolderInUse';
  readonly code = 'KAFKA_FOLDER_IN_USE';
  readonly retriable = false;
}

const heldHere = new Set<string>();

/** Keeps a second broker away from a data folder, in this process or another one. */
export class FolderLock {
  private constructor(
    private readonly path: string,
    private readonly token: string,
  ) {}

  /** Locks the folder, which is made if it is not there. The lock of a process that is gone is taken over. Throws FolderInUse. */
  static async acquire(folder: string): Promise<FolderLock> {
    await mkdir(folder, { recursive: true });
    const path = join(folder, LOCK_FILE);
    const token = randomUUID();
    for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
      if (await create(path, await describeSelf(token))) {
        heldHere.add(token);
        return new FolderLock(path, token);
      }
      const text = await readText(path);
      if (text === undefined) continue;
      const holder = parseHolder(text);
      if (holder && (await isAlive(holder)))
        throw new FolderInUse(`${folder} is in use by a broker in process ${holder.pid}`);
      await putAside(path, text);
    }
    throw new FolderInUse(`${folder}: other brokers are starting there`);
  }

  async release(): Promise<void> {
    heldHere.delete(this.token);
    const text = await readText(this.path);
    if (text !== undefined && parseHolder(text)?.token === this.token) await rm(this.path);
  }
}

/** Creates the file with its whole text, unless there is one: a lock is never seen half-written. */
async function create(path: string, holder: Holder): Promise<boolean> {
  const draft = `${path}.${holder.token}`;
  const file = await open(draft, 'wx');
  try {
    await file.writeFile(JSON.stringify(holder));
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

/** Takes a stale lock away. If another broker replaced it meanwhile, that one's lock is put back. */
async function putAside(path: string, stale: string): Promise<void> {
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

async function isAlive({ pid, startedAt, token }: Holder): Promise<boolean> {
  // In a container every start has the same process id: a lock of our own id that we do not hold is an earlier life's.
  if (pid === process.pid) return heldHere.has(token);
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (!hasCode(error, 'EPERM')) return false;
  }
  const now = await startOf(pid);
  return startedAt === undefined || now === undefined || now === startedAt;
}

async function describeSelf(token: string): Promise<Holder> {
  return { pid: process.pid, startedAt: await startOf(process.pid), token };
}

/** Field 22 of /proc/<pid>/stat (proc(5)): clock ticks from the machine's start to the process's. The name before it may hold anything, so count from its end. */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readText(`/proc/${pid}/stat`);
  const boot = await readText('/proc/sys/kernel/random/boot_id');
  const ticks = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return ticks && boot && `${boot.trim()}/${ticks}`;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return undefined;
  }
}

function parseHolder(text: string): Holder | undefined {
  try {
    return Holder.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
