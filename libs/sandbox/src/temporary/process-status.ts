import { readFileSync } from 'node:fs';

export interface ProcessStatus {
  /** Processor time of all its threads, in milliseconds, to 10 ms. */
  processorMs: number;
  /** Its start in clock ticks since the boot: together with its id it identifies one process. */
  startedAt: string;
}

/** Linux reports hundredths of a second to user space (USER_HZ), whatever its own tick is. */
const tickMs = 10;

/**
 * The status of a process by /proc/<pid>/stat (proc(5): utime, stime, starttime).
 * @returns null where there is no such process, or the system has no /proc
 */
export function processStatus(pid: number): ProcessStatus | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  // The second field is the name of the command in parentheses, which may contain any character.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [utime, stime, startedAt] = [fields[11], fields[12], fields[19]];
  if (startedAt === undefined) return null;
  return { processorMs: (Number(utime) + Number(stime)) * tickMs, startedAt };
}
