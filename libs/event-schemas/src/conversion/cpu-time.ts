import { readFileSync } from 'node:fs';

// proc_pid_stat(5): utime and stime are the 14th and 15th field, in ticks; Linux has 100 ticks a second.
const msPerTick = 10;

/** The CPU time that another process has used, in milliseconds; null on a system without /proc. */
export function cpuMsOf(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the name, may contain spaces.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) * msPerTick;
  } catch {
    return null;
  }
}
