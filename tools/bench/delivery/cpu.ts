import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** Process ids by the part of the system that they are. That of `postgres` stands for the server and all of its backends. */
export type Processes = Readonly<Record<string, number>>;

/** Processor time by part of the system, and the time in which it was used, both in milliseconds. */
export interface Usage {
  elapsedMs: number;
  cpuMs: Record<string, number>;
}

// USER_HZ of Linux, on every architecture that Node runs on.
const ticksPerSecond = 100;

/** The fields of /proc/<pid>/stat (proc_pid_stat(5)) that come after the name: the first one is the state. */
function statOf(pid: number | string): string[] {
  const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
  return text.slice(text.lastIndexOf(')') + 2).split(' ');
}

const sumMs = (ticks: readonly string[]): number =>
  (ticks.reduce((sum, one) => sum + Number(one), 0) * 1000) / ticksPerSecond;

/** Processor time that all threads of a process have used so far, in milliseconds, without its children. */
export const cpuOf = (pid: number | string): number => sumMs(statOf(pid).slice(11, 13));

/** The same with the children: those that run, and those that have ended. */
export function cpuOfTree(pid: number): number {
  const children = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => {
      try {
        return statOf(name)[1] === String(pid) ? cpuOf(name) : 0;
      } catch {
        return 0; // ended since the folder was read
      }
    });
  return sumMs(statOf(pid).slice(11, 15)) + children.reduce((sum, one) => sum + one, 0);
}

const read = (processes: Processes): Record<string, number> =>
  Object.fromEntries(
    Object.entries(processes).map(([name, pid]) => [
      name,
      name === 'postgres' ? cpuOfTree(pid) : cpuOf(pid),
    ]),
  );

/**
 * Starts to count processor time; read from /proc (Linux).
 * @returns ends the counting; a process that is only in `after` is counted from its start
 */
export function watchCpu(processes: Processes): (after?: Processes) => Usage {
  const before = read(processes);
  const began = performance.now();
  return (after = processes) => {
    const elapsedMs = performance.now() - began;
    const cpuMs = Object.fromEntries(
      Object.entries(read(after)).map(([name, ms]) => [name, ms - (before[name] ?? 0)]),
    );
    return { elapsedMs, cpuMs };
  };
}

/** The number of cores that the named parts used, or all of them. */
export function coresOf({ elapsedMs, cpuMs }: Usage, ...names: string[]): number {
  const counted = names.length > 0 ? names : Object.keys(cpuMs);
  return counted.reduce((sum, name) => sum + (cpuMs[name] ?? 0), 0) / elapsedMs;
}

/** Seconds of processor time for 1,000 of `count`, by part. */
export const perThousand = ({ cpuMs }: Usage, count: number): Record<string, number> =>
  Object.fromEntries(Object.entries(cpuMs).map(([name, ms]) => [name, ms / count]));

/** Resolves when the processes used less than a tenth of a core for a second, at the latest after `mostMs`. */
export async function untilQuiet(processes: Processes, mostMs = 30_000): Promise<void> {
  const until = performance.now() + mostMs;
  for (let busy = true; busy && performance.now() < until;) {
    const used = watchCpu(processes);
    await delay(1000);
    busy = coresOf(used()) >= 0.1;
  }
}

/** The peak of the resident memory of a process, in megabytes. */
export const peakMegabytes = (pid: number): number =>
  Math.round(
    Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024,
  );
