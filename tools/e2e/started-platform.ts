import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

import { dataFolder } from '../dev/start-all.ts';
import { TestPlatform, type RunningPlatform } from './test-platform.ts';

const root = resolve(import.meta.dirname, '../..');
const guard = pathToFileURL(join(root, 'tools/dev/ends-with-starter.ts')).href;

/** The process of the platform ended before it was ready, or it did not stop in order. */
export class PlatformEnded extends Error {
  readonly code = 'PLATFORM_ENDED';
  constructor(how: string, output: string) {
    super(`the process of npm start ended with ${how}:\n${output}`);
    this.name = 'PlatformEnded';
  }
}

/** A platform in a process of its own, with what it printed. */
export interface PrintingPlatform extends RunningPlatform {
  /** Everything that the process has printed so far, with the log lines of all services. */
  output(): string;
}

/**
 * Starts the platform as its user does: the command of `npm start`, with a data folder of its own and free ports.
 * @param env variables of the platform beside those of its folder and ports
 * @throws PlatformEnded with everything that the process printed
 */
export async function startedPlatform(
  env: Record<string, string> = {},
): Promise<TestPlatform<PrintingPlatform>> {
  const folder = dataFolder();
  const started = new StartedProcess(folder, env);
  try {
    await started.ready();
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  const { url, kafka, operatorKey } = JSON.parse(
    readFileSync(join(folder, 'connections.json'), 'utf8'),
  ) as Record<'url' | 'kafka' | 'operatorKey', string>;
  const services = {
    url,
    brokers: kafka,
    operatorKey,
    stop: () => started.stop(),
    output: () => started.output,
  };
  return new TestPlatform(services, folder);
}

/** The process of `npm start`, without npm: signals reach it directly, and it ends with the process of the tests. */
class StartedProcess {
  private readonly child: ChildProcess;
  private readonly ended: Promise<unknown>;
  output = '';

  constructor(folder: string, env: Record<string, string>) {
    const { PATH, HOME, TMPDIR } = process.env;
    this.child = spawn(process.execPath, argumentsOfNode(), {
      cwd: root,
      env: {
        PATH,
        HOME,
        ...(TMPDIR && { TMPDIR }),
        CASEWIRE_DIRECTORY: folder,
        PORT: '0',
        KAFKA_PORT: '0',
        POSTGRES_PORT: '0',
        METRICS_PORT: '0',
        LOG_LEVEL: 'error',
        ...env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.ended = once(this.child, 'close');
  }

  /** Resolves when the platform has printed its addresses. @throws PlatformEnded */
  async ready(): Promise<void> {
    const printed = Promise.withResolvers<void>();
    for (const stream of [this.child.stdout!, this.child.stderr!])
      stream.on('data', (chunk: Buffer) => {
        this.output += chunk.toString();
        if (/Casewire runs at [^]*Connections /.test(this.output)) printed.resolve();
      });
    this.child.once('exit', () => printed.reject(new PlatformEnded(this.how, this.output)));
    await printed.promise;
  }

  /** Stops the platform in order. @throws PlatformEnded where it ended before, or with an error */
  async stop(): Promise<void> {
    this.child.kill('SIGTERM');
    await this.ended;
    if (this.child.exitCode !== 0) throw new PlatformEnded(this.how, this.output);
  }

  private get how(): string {
    return this.child.signalCode ?? `exit code ${this.child.exitCode}`;
  }
}

/** The arguments of the command `npm start`, with the module that ends the process together with its starter. */
function argumentsOfNode(): string[] {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: { start: string };
  };
  const [node, ...given] = scripts.start.split(' ');
  if (node !== 'node') throw new Error(`npm start is expected to run node, not ${node}`);
  return [...given.slice(0, -1), '--import', guard, given.at(-1)!];
}
