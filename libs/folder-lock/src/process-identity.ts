import { readFile } from 'node:fs/promises';

import { z } from 'zod';

/** What tells a process from every other one of this machine, also from a later one that has the same id. */
export const ProcessIdentity = z.object({
  pid: z.number(),
  /** When the process started, as the system says it. Absent where it does not. */
  startedAt: z.string().optional(),
});
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

/** The identity of the process that has this id now. */
export async function processIdentity(pid: number): Promise<ProcessIdentity> {
  const startedAt = await startOf(pid);
  return { pid, ...(startedAt !== undefined && { startedAt }) };
}

/** Whether this very process still runs. One whose start is not known counts as running while any has its id. */
export async function isRunning({ pid, startedAt }: ProcessIdentity): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  const now = await startOf(pid);
  return startedAt === undefined || now === undefined || now === startedAt;
}

/**
 * Field 22 of /proc/<pid>/stat (proc(5)): clock ticks from the machine's start to the process's. The name before it may
 * hold anything, so fields are counted from the name's end.
 */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readText(`/proc/${pid}/stat`);
  const boot = await readText('/proc/sys/kernel/random/boot_id');
  const ticks = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return ticks && boot && `${boot.trim()}/${ticks}`;
}

/** The text of a file; undefined where it cannot be read. */
export const readText = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch(() => undefined);
