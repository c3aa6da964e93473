import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const startMs = 120_000;
const stopMs = 60_000;

export class PlatformNotStarted extends Error {
  readonly code = 'PLATFORM_NOT_STARTED';
}

/** The platform as `npm run start:all` starts it, with data in a temporary folder; its output is stored. */
export class FuzzedPlatform {
  private constructor(
    /** The lines that it has printed so far. */
    readonly lines: readonly string[],
    private readonly child: ChildProcess,
    /** The data folder. */
    readonly directory: string,
    readonly url: string,
    /** host:port of the broker. */
    readonly brokers: string,
    readonly operatorKey: string,
  ) {}

  /** @throws PlatformNotStarted with the last lines of its output */
  static async start(): Promise<FuzzedPlatform> {
    const directory = mkdtempSync(join(tmpdir(), 'casewire-fuzz-'));
    const temporary = join(directory, 'tmp');
    mkdirSync(temporary);
    const child = spawn(process.execPath, ['--import', '#register', 'tools/dev/all.ts'], {
      cwd: root,
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        TMPDIR: temporary,
        CASEWIRE_DIRECTORY: directory,
        PORT: '0',
        KAFKA_PORT: '0',
        POSTGRES_PORT: '0',
        METRICS_PORT: '0',
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const lines: string[] = [];
    const started = Promise.withResolvers<{ url: string; brokers: string; operatorKey: string }>();
    let [url, brokers] = ['', ''];
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        lines.push(line);
        const [, where] = /^Casewire runs at (\S+)$/.exec(line) ?? [];
        if (where !== undefined) url = where;
        const [, kafka] = /^\s+Kafka\s+(\S+)$/.exec(line) ?? [];
        if (kafka !== undefined) brokers = kafka;
        const [, key] = /^\s+Operator key\s+(\S+)$/.exec(line) ?? [];
        if (key !== undefined) started.resolve({ url, brokers, operatorKey: key });
      });
    }
    const late = setTimeout(() => child.kill('SIGTERM'), startMs);
    child.once('exit', () =>
      started.reject(new PlatformNotStarted(`it did not start: ${lines.slice(-20).join('\n')}`)),
    );
    const printed = await started.promise.finally(() => clearTimeout(late));
    return new FuzzedPlatform(
      lines,
      child,
      directory,
      printed.url,
      printed.brokers,
      printed.operatorKey,
    );
  }

  get pid(): number {
    return this.child.pid!;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Stops the platform, and removes its data. */
  async stop(): Promise<void> {
    if (this.running) {
      const gone = once(this.child, 'exit');
      this.child.kill('SIGTERM');
      const late = setTimeout(() => this.child.kill('SIGKILL'), stopMs);
      await gone;
      clearTimeout(late);
    }
    rmSync(this.directory, { recursive: true, force: true });
  }
}
