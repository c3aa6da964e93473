import { readFile } from 'node:fs/promises';

import { z } from 'zod';

/** Identifies a process on this machine, and distinguishes it from a later one with the same id. */
export const ProcessIdentity = z.object({
  pid: z.number(),
  /** The boot and the start time of the process, as Linux reports them; absent on other systems. */
  startedAt: z.string().optional(),
});
export type ProcessIdentity = z.infer<typeof ProcessIdentity>;

/** The identity of the process with this id. */
export async function processIdentity(pid: number): Promise<ProcessIdentity> {
  const startedAt = await startOf(pid);
  return { pid, ...(startedAt !== undefined && { startedAt }) };
}

/** Whether exactly this process still runs. Without a start time, any process with the same id counts. */
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
 * Field 22 of /proc/<pid>/stat (proc(5)): clock ticks from the boot to the start of the process. The name before it may contain any
 * character, so fields are counted from the end of the name.
 */
async function startOf(pid: number): Promise<string | undefined> {
  const stat = await readText(`/proc/${pid}/stat`);
  const boot = await readText('/proc/sys/kernel/random/boot_id');
  const ticks = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19];
  return ticks && boot && `${boot.trim()}/${ticks}`;
}

/** The text of a file; undefined if it cannot be read. */
export const readText = (path: string): Promise<string | undefined> =>
  readFile(path, 'utf8').catch(() => undefined);
