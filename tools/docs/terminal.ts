import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/** A command of a page failed; the message has the whole output of its terminal. */
export class CommandFailed extends Error {
  readonly code = 'COMMAND_FAILED';
  constructor(command: string, screen: string) {
    super(`a command failed: ${command}\n${screen}`);
    this.name = 'CommandFailed';
  }
}

/** A shell that runs the commands of a page as a reader's terminal does: one after the other, with one environment. */
export class Terminal {
  private readonly shell: ChildProcess;
  private readonly ended: Promise<unknown>;
  private waiting: (() => void)[] = [];
  private screen = '';
  private commands = 0;

  /** @param folder where it runs @param env variables beside PATH and HOME */
  constructor(folder: string, env: Record<string, string> = {}) {
    const { PATH, HOME } = process.env;
    this.shell = spawn('bash', ['--noprofile', '--norc'], {
      cwd: folder,
      env: { PATH, HOME, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
      // A process group of its own, so that everything that it starts is stopped with it.
      detached: true,
    });
    this.ended = once(this.shell, 'close');
    const show = (chunk: Buffer) => {
      this.screen += chunk.toString();
      for (const look of this.waiting) look();
    };
    this.shell.stdout!.on('data', show);
    this.shell.stderr!.on('data', show);
    this.shell.on('exit', () => this.waiting.forEach((look) => look()));
    // What is typed into a shell that has ended is lost; `until` reports the end.
    this.shell.stdin!.on('error', () => undefined);
    // A command that fails ends the shell.
    this.shell.stdin!.write('set -e -o pipefail\n');
  }

  /** Everything that was printed so far. */
  get output(): string {
    return this.screen;
  }

  /** Types a command without waiting for its end. */
  type(command: string): void {
    this.shell.stdin!.write(command);
  }

  /** Runs commands to their end. @returns what was printed meanwhile @throws CommandFailed */
  async run(commands: string): Promise<string> {
    const from = this.screen.length;
    const mark = `-- done ${++this.commands} --`;
    this.type(`${commands}\necho '${mark}'\n`);
    await this.until((screen) => screen.includes(mark), commands);
    return this.screen.slice(from, this.screen.indexOf(mark));
  }

  /** Resolves when the screen is as it is expected to be. @throws CommandFailed where the shell ends before */
  async until(isReached: (screen: string) => boolean, command = ''): Promise<void> {
    const reached = Promise.withResolvers<void>();
    const look = () => {
      if (isReached(this.screen)) reached.resolve();
      else if (this.shell.exitCode !== null || this.shell.signalCode !== null)
        reached.reject(new CommandFailed(command, this.screen));
    };
    this.waiting.push(look);
    look();
    await reached.promise.finally(
      () => (this.waiting = this.waiting.filter((one) => one !== look)),
    );
  }

  /** Ends everything that runs in it, and resolves when all of it has ended. */
  async close(): Promise<void> {
    try {
      process.kill(-this.shell.pid!, 'SIGTERM');
    } catch (error) {
      // Nothing of it runs any more.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    await this.ended;
  }
}
