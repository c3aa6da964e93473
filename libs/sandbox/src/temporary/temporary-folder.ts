import { lstatSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { processStatus } from './process-status.ts';

/** The path of a socket has 104 bytes on some systems, and one may lie in here. */
const longestPath = 100;

/** The owner's PID namespace, number and start: a number alone is given to another process in time. */
interface Owner {
  namespace: string;
  pid: number;
  startedAt: string;
}

const nameOf = ({ namespace, pid, startedAt }: Owner) =>
  `casewire-n${namespace}-p${pid}-t${startedAt}-`;
const named = /^casewire-n(\d+)-p(\d+)-t(\d+)-[A-Za-z0-9]{6}$/;

/** Of this process. 0 stands for what the system does not tell. */
function self(): Owner {
  const { pid } = process;
  return { namespace: pidNamespace(), pid, startedAt: processStatus(pid)?.startedAt ?? '0' };
}

/** Numbers of processes mean something within it only (pid_namespaces(7)). */
function pidNamespace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '0';
  } catch {
    return '0';
  }
}

const mine = new Set<string>();
const swept = new Set<string>();

/**
 * Makes a folder for temporary files that only this account may enter. It goes with `removeTemporaryFolder`, at the latest
 * when this process exits; where that is killed, the next process that makes one removes it.
 * @returns its path
 */
export function temporaryFolder(): string {
  const owner = nameOf(self());
  const home = tmpdir();
  // mkdtemp appends six characters.
  const parent = join(home, `${owner}123456`).length > longestPath ? '/tmp' : home;
  if (!swept.has(parent)) {
    swept.add(parent);
    removeAbandonedFolders(parent);
  }
  const path = mkdtempSync(join(parent, owner));
  if (mine.size === 0) process.once('exit', removeMine);
  mine.add(path);
  return path;
}

/** Removes the folder, and what is in it. */
export function removeTemporaryFolder(path: string): void {
  mine.delete(path);
  if (mine.size === 0) process.off('exit', removeMine);
  rmSync(path, { recursive: true, force: true });
}

/** Removes the folders in here that were made by processes of this account that do not run any more. */
export function removeAbandonedFolders(parent: string): void {
  const here = pidNamespace();
  for (const name of namesIn(parent)) {
    const [, of, pid, startedAt] = named.exec(name) ?? [];
    if (of !== here || isAlive(Number(pid), startedAt!)) continue;
    const path = join(parent, name);
    try {
      const { uid } = lstatSync(path);
      if (uid === process.getuid?.()) rmSync(path, { recursive: true, force: true });
    } catch {
      // Another process removes it at the same time.
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    // A folder for temporary files that cannot be listed can still be written to.
    return [];
  }
}

/** Where the system tells no start, a number that was given to another process keeps the folder: it is left, never lost. */
function isAlive(pid: number, startedAt: string): boolean {
  if (startedAt !== '0') return processStatus(pid)?.startedAt === startedAt;
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function removeMine(): void {
  for (const path of mine) removeTemporaryFolder(path);
}
