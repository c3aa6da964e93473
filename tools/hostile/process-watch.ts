import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** The kind of a process by its command: the name of a service, or a part of the sandbox. */
function roleOf(command: string): string | null {
  const service = /apps\/([a-z-]+)\/src\/main\.ts/.exec(command)?.[1];
  if (service) return service;
  if (command.includes('sandbox/src/launcher/launcher.ts')) return 'launcher';
  if (command.includes('/code/start.mjs')) return 'sandboxed process';
  if (command.includes('tools/dev/all.ts')) return 'start:all, with the broker';
  return /^postgres|\/postgres /.test(command) ? 'postgres' : null;
}

/** Largest resident memory of each kind of process below one process, in bytes. */
export class ProcessWatch {
  readonly peaks = new Map<string, number>();
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly root: number) {}

  start(intervalMs = 500): void {
    this.timer = setInterval(() => this.measure(), intervalMs);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  /** Measures all processes once. */
  measure(): void {
    for (const { pid, resident, command } of this.processes()) {
      const role = roleOf(command);
      if (role === null) continue;
      const peak = peakOf(pid) ?? resident;
      this.peaks.set(role, Math.max(this.peaks.get(role) ?? 0, peak));
    }
  }

  private processes(): { pid: number; resident: number; command: string }[] {
    const listed = execFileSync('ps', ['-A', '-ww', '-o', 'pid=,ppid=,rss=,args='], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    const all = [...listed.matchAll(/^\s*(\d+)\s+(\d+)\s+(\d+)\s+(.*)$/gm)].map(
      ([, pid, parent, kilobytes, command]) => ({
        pid: Number(pid),
        parent: Number(parent),
        resident: Number(kilobytes) * 1024,
        command: command!,
      }),
    );
    const found = new Set([this.root]);
    // A parent may be listed after its children.
    for (let size = 0; size !== found.size;) {
      size = found.size;
      for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
    }
    return all.filter(({ pid }) => found.has(pid));
  }
}

/** The peak by the kernel, where it reports it (proc(5), VmHWM): it includes peaks between two measurements. */
function peakOf(pid: number): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'latin1');
    const kilobytes = /^VmHWM:\s+(\d+) kB/m.exec(status)?.[1];
    return kilobytes === undefined ? null : Number(kilobytes) * 1024;
  } catch {
    return null;
  }
}
