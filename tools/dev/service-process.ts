import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import type { ServiceName } from '@casewire/standalone';

export class ServiceEnded extends Error {
  readonly code = 'SERVICE_ENDED';
}

/** One service in its own process, as in a container. */
export class ServiceProcess {
  private child: ChildProcess | undefined;
  private ended: Promise<unknown> = Promise.resolve();

  constructor(
    readonly name: ServiceName,
    private readonly env: Record<string, string>,
    private readonly onLine: (line: string) => void = () => {},
  ) {}

  /**
   * Starts the service, and resolves to its base URL when it accepts requests.
   * @throws ServiceEnded with the last lines of its standard error
   */
  async start(extra: Record<string, string> = {}): Promise<string> {
    const path = (relative: string) => new URL(relative, import.meta.url).pathname;
    const main = path(`../../apps/${this.name}/src/main.ts`);
    const guard = path('./ends-with-starter.ts');
    const child = spawn(process.execPath, ['--import', '#register', '--import', guard, main], {
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        ...(process.env.TMPDIR && { TMPDIR: process.env.TMPDIR }),
        ...this.env,
        LOG_LEVEL: 'info',
        ...extra,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
      // Ctrl-C in the terminal must reach only the starter, which stops the services in order.
      detached: true,
    });
    this.child = child;
    this.ended = once(child, 'exit');
    let errors = '';
    createInterface({ input: child.stderr }).on('line', (line) => {
      errors = `${errors}\n${line}`.slice(-2000);
      this.onLine(line);
    });
    return new Promise((resolve, reject) => {
      createInterface({ input: child.stdout }).on('line', (line) => {
        this.onLine(line);
        const url = startedAt(line);
        if (url) resolve(url);
      });
      child.once('exit', () => reject(new ServiceEnded(`${this.name} ended: ${errors}`)));
    });
  }

  get running(): boolean {
    return (
      this.child !== undefined && this.child.exitCode === null && this.child.signalCode === null
    );
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** The signal or exit code that the process ended with. */
  get ending(): string {
    return this.child?.signalCode ?? `exit code ${this.child?.exitCode}`;
  }

  /** Resolves when the process has ended. */
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
