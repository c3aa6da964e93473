import { readFileSync } from 'node:fs';

export interface ProcessStatus {
  /** Processor time of all its threads, in milliseconds, to 10 ms. */
  processorMs: number;
  /** When it started, in clock ticks since the machine did: together with its number it names one process. */
  startedAt: string;
}

/** Linux accounts in hundredths of a second towards user space (USER_HZ), whatever its own tick is. */
const tickMs = 10;

/**
 * What the kernel says of a process, by /proc/<pid>/stat (proc(5): utime, stime, starttime).
 * @returns null where there is no such process, or the system has no /proc
 */
export function processStatus(pid: number): ProcessStatus | null {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
  } catch {
    return null;
  }
  // The second field is the command's name in parentheses, and may hold anything.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [utime, stime, startedAt] = [fields[11], fields[12], fields[19]];
  if (startedAt === undefined) return null;
  return { processorMs: (Number(utime) + Number(stime)) * tickMs, startedAt };
}
