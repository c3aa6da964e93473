import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import type { ServiceName } from '../../apps/standalone/src/service-env.ts';

export class ServiceEnded extends Error {
  readonly code = 'SERVICE_ENDED';
}

/** One service as a process of its own, as it runs in a container. */
export class ServiceProcess {
  private child: ChildProcess | undefined;
  private ended: Promise<unknown> = Promise.resolve();

  constructor(
    readonly name: ServiceName,
    private readonly env: Record<string, string>,
    private readonly onLine: (line: string) => void = () => {},
  ) {}

  /**
   * Starts it, and resolves to its base URL when it takes requests.
   * @throws ServiceEnded with what it said
   */
  async start(extra: Record<string, string> = {}): Promise<string> {
    const main = new URL(`../../apps/${this.name}/src/main.ts`, import.meta.url).pathname;
    const child = spawn(process.execPath, ['--import', '#register', main], {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        ...this.env,
        LOG_LEVEL: 'info',
        ...extra,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.child = child;
    this.ended = once(child, 'exit');
    let words = '';
    createInterface({ input: child.stderr }).on('line', (line) => {
      words = `${words}\n${line}`.slice(-2000);
      this.onLine(line);
    });
    return new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.onLine(line);
        const url = startedAt(line);
        if (url) resolve(url);
      });
      child.once('exit', () => reject(new ServiceEnded(`${this.name} ended: ${words}`)));
    });
  }

  get running(): boolean {
    return (
      this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null
    );
  }

  /** Resolves when the process is gone. */
  async gone(): Promise<void> {
    await this.ended;
  }

  async stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<void> {
    if (this.running) this.child!.kill(signal);
    await this.ended;
  }
}

function startedAt(line: string): string | undefined {
  if (!line.includes('"service.started"')) return undefined;
  return (JSON.parse(line) as { url: string }).url;
}
