import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { vi } from 'vitest';

// Long, because a busy machine is slow.
const patience = { timeout: 180_000, interval: 100 };

/** A data folder that an unprivileged account may enter: if root starts PostgreSQL, it runs under such an account. */
export function dataFolder(): string {
  const made = mkdtempSync(join(tmpdir(), 'casewire-all-'));
  chmodSync(made, 0o755);
  return made;
}

/** `npm run start:all` in its own process, on free ports, with its output. */
export class StartAll {
  output = '';
  /** For temporary files, which killed services do not remove. */
  private readonly temporary = mkdtempSync(join(tmpdir(), 'casewire-all-tmp-'));
  private readonly child: ChildProcess;
  private readonly exit: Promise<unknown[]>;

  /**
   * @param directory the data folder
   * @param env variables in addition to those of the ports
   */
  constructor(directory: string, env: Record<string, string> = {}) {
    this.child = spawn(
      process.execPath,
      ['--import', '#register', join(import.meta.dirname, 'all.ts')],
      {
        env: {
          PATH: process.env.PATH,
          CASEWIRE_DIRECTORY: directory,
          PORT: '0',
          KAFKA_PORT: '0',
          POSTGRES_PORT: '0',
          METRICS_PORT: '0',
          TMPDIR: this.temporary,
          ...env,
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
    this.exit = once(this.child, 'close');
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.on('data', (chunk: Buffer) => (this.output += chunk.toString()));
  }

  /** Ends the process and all its descendants, in any state. */
  async destroy(): Promise<void> {
    const started = this.descendants();
    this.kill('SIGKILL');
    await this.exit;
    await untilGone(started);
    rmSync(this.temporary, { recursive: true, force: true });
  }

  /** Resolves when it accepts requests. */
  async ready(): Promise<{ url: string; operatorKey: string; brokers: string; apiKey: string }> {
    const pattern =
      /Casewire runs at (\S+)[^]*Kafka\s+(\S+)\s[^]*API key\s+(\S+)\s[^]*Operator key\s+(\S+)\s/;
    const [, url, brokers, apiKey, operatorKey] = await this.untilPrinted(pattern);
    return { url: url!, operatorKey: operatorKey!, brokers: brokers!, apiKey: apiKey! };
  }

  /** Resolves to the match when the output matches. */
  untilPrinted(pattern: RegExp): Promise<RegExpExecArray> {
    return vi.waitFor(() => {
      const match = pattern.exec(this.output);
      if (!match) throw new Error(`${String(pattern)} was not printed, but\n${this.output}`);
      return match;
    }, patience);
  }

  /** All its child processes and their descendants. */
  descendants(): number[] {
    const found = [this.child.pid!];
    const living = processes();
    for (const parent of found) for (const [pid, of] of living) if (of === parent) found.push(pid);
    return found.slice(1);
  }

  async ended(): Promise<number> {
    const [code] = await this.exit;
    return code as number;
  }

  kill(signal: NodeJS.Signals): void {
    this.child.kill(signal);
  }
}

/** Every running process: its id -> the id of its parent. */
function processes(): Map<number, number> {
  const listed = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,stat='], { encoding: 'utf8' });
  const rows = listed.split('\n').map((row) => row.trim().split(/\s+/));
  return new Map(
    rows
      .filter(([, , state]) => state && !state.startsWith('Z'))
      .map(([pid, parent]) => [Number(pid), Number(parent)]),
  );
}

/** Resolves when none of these processes is running. */
export const untilGone = (pids: readonly number[]) =>
  vi.waitFor(() => {
    const living = processes();
    const left = pids.filter((pid) => living.has(pid));
    if (left.length > 0) throw new Error(`still running: ${left.join(', ')}`);
  }, patience);
