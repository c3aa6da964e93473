import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

import { z } from 'zod';

const Listening = z.object({ event: z.literal('embedded-kafka.listening'), port: z.number() });
const main = new URL('./broker-main.ts', import.meta.url).pathname;

/** A broker in a process of its own. */
export class BrokerProcess {
  private constructor(
    private readonly child: ChildProcess,
    private readonly exited: Promise<unknown>,
    readonly port: number,
  ) {}

  /** Starts a broker and waits until it listens. */
  static async start(directory: string, port = 0): Promise<BrokerProcess> {
    const child = runMain('--directory', directory, '--port', String(port));
    const exited = once(child, 'exit');
    const line = await firstLine(child);
    return new BrokerProcess(child, exited, Listening.parse(JSON.parse(line)).port);
  }

  /** Kills the process (SIGKILL). */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.exited;
  }

  /** Stops the process (SIGTERM) and returns its exit code. */
  async terminate(): Promise<number | null> {
    this.child.kill('SIGTERM');
    await this.exited;
    return this.child.exitCode;
  }
}

/** Runs the program with these arguments. */
export function runMain(...args: string[]): ChildProcess {
  return spawn(process.execPath, ['--import', '#register', main, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout || !child.stderr) throw new Error('The process has no output');
  const errorLines = createInterface(child.stderr);
  let lastError = '';
  errorLines.on('line', (line) => {
    lastError = line;
  });
  for await (const line of createInterface(child.stdout)) return line;
  throw new Error(`The broker did not start: ${lastError}`);
}
