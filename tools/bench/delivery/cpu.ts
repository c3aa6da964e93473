import { readdirSync, readFileSync } from 'node:fs';

const ticksPerSecond = 100;

/** Processor time that a process has used so far, in milliseconds, without its children. */
function cpuOf(pid: number | string): number {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

/** Processor time by part of the system, in milliseconds; read from /proc (Linux). */
export function cpuByProcess(
  pids: Record<string, number>,
  postgres: string,
): Record<string, number> {
  const used: Record<string, number> = {};
  for (const [name, pid] of Object.entries(pids)) used[name] = cpuOf(pid);
  used.postgres = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .reduce((sum, pid) => {
      try {
        // The backends of PostgreSQL are child processes of the server.
        const parent = /\) \S (\d+)/.exec(readFileSync(`/proc/${pid}/stat`, 'utf8'))?.[1];
        return parent === postgres || pid === postgres ? sum + cpuOf(pid) : sum;
      } catch {
        return sum;
      }
    }, 0);
  return used;
}

/** The peak of the resident memory of a process, in megabytes. */
export const peakMegabytes = (pid: number): number =>
  Math.round(
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
  );
