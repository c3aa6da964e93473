import { lstatSync, mkdtempSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { processStatus } from './process-status.ts';

/** The path of a socket has at most 104 bytes on some systems, and the folder may contain one. */
const maximumPath = 100;

/** PID namespace, id and start of a process: an id alone is reused by other processes. */
interface Creator {
  namespace: string;
  pid: number;
  startedAt: string;
}

const nameOf = ({ namespace, pid, startedAt }: Creator) =>
  `casewire-n${namespace}-p${pid}-t${startedAt}-`;
const named = /^casewire-n(\d+)-p(\d+)-t(\d+)-[A-Za-z0-9]{6}$/;

/** Of this process. A value that the system does not report is 0. */
function self(): Creator {
  const { pid } = process;
  return { namespace: pidNamespace(), pid, startedAt: processStatus(pid)?.startedAt ?? '0' };
}

/** Process ids are unique within a PID namespace only (pid_namespaces(7)). */
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
 * Makes a folder for temporary files that only this user account may enter. `removeTemporaryFolder` removes it, at the latest
 * the exit of this process; where the process is killed, the next process that makes such a folder removes it.
 * @returns its path
 */
export function temporaryFolder(): string {
  const prefix = nameOf(self());
  const home = tmpdir();
  // mkdtemp appends six characters.
  const parent = join(home, `${prefix}123456`).length > maximumPath ? '/tmp' : home;
  if (!swept.has(parent)) {
    swept.add(parent);
    removeAbandonedFolders(parent);
  }
  const path = mkdtempSync(join(parent, prefix));
  if (mine.size === 0) process.once('exit', removeMine);
  mine.add(path);
  return path;
}

/** Removes the folder and its contents. */
export function removeTemporaryFolder(path: string): void {
  mine.delete(path);
  if (mine.size === 0) process.off('exit', removeMine);
  rmSync(path, { recursive: true, force: true });
}

/** Removes the folders in `parent` that ended processes of this user account made. */
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
    // A folder that cannot be listed may still be writable.
    return [];
  }
}

/** Where the system reports no start, a reused process id keeps the folder: a folder in use is never removed. */
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
