import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

import { SandboxBroken } from '../sandbox-error.ts';
import { removeTemporaryFolder, temporaryFolder } from '../temporary/temporary-folder.ts';
import { LaunchedProcess } from './launched-process.ts';
import {
  type ParserKind,
  type FromLauncher,
  type LauncherSettings,
  tokenLength,
  type ToLauncher,
} from './launcher-messages.ts';

/** A launcher, the socket that accepts the connections of its processes, and these processes. */
export class LauncherProcess {
  private readonly folder = temporaryFolder();
  private readonly launcher: ChildProcess;
  private readonly server: Server;
  private readonly processes = new Map<string, LaunchedProcess>();
  private stderr = '';
  private runningJobs = 0;
  private endsWhenIdle = false;
  alive = true;

  constructor(settings: LauncherSettings) {
    const socket = join(this.folder, 's');
    // The parent closes its half at the end of the document; the result arrives over the other half.
    this.server = createServer({ allowHalfOpen: true }, (connection) => this.accept(connection));
    this.server.once('error', (error) => this.fail(error.message));
    this.server.listen({ path: socket, exclusive: true }).unref();
    // Detached: a signal to the parent's process group does not reach it. It ends when its channel closes.
    this.launcher = spawn(
      process.execPath,
      ['--no-warnings', join(import.meta.dirname, 'launcher.ts')],
      { env: {}, detached: true, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
    );
    this.launcher.stderr!.on('data', (chunk: Buffer) => {
      this.stderr = (this.stderr + chunk.toString()).slice(-4000);
    });
    this.launcher.once('error', (error) => this.fail(error.message));
    this.launcher.once('exit', () => this.fail(`the launcher ended. ${this.stderr}`));
    this.launcher.on('message', (message: FromLauncher) => this.receive(message));
    this.launcher.unref();
    (this.launcher.stderr as Socket).unref();
    this.launcher.channel?.unref();
    this.send({ type: 'prepare', settings, folder: this.folder, socket });
  }

  /** Process id of the launcher. */
  get pid(): number | undefined {
    return this.launcher.pid;
  }

  /** Starts a sandboxed process. @param document path of a file that is opened for it, or null */
  start(kind: ParserKind, document: string | null): LaunchedProcess {
    const token = randomBytes(tokenLength / 2).toString('hex');
    const started = new LaunchedProcess(kind, () => this.send({ type: 'kill', token }));
    this.processes.set(token, started);
    started.ended.catch(() => undefined).finally(() => this.forget(token));
    this.send({ type: 'start', token, kind, document });
    return started;
  }

  /** A running job keeps this process alive; idle sandboxed processes do not. Called with true before a job, with false after it. */
  keepParentAlive(needed: boolean): void {
    this.runningJobs += needed ? 1 : -1;
    if (this.runningJobs > 0) this.launcher.channel?.ref();
    else this.launcher.channel?.unref();
  }

  /** Ends the launcher when it has no process any more. */
  endWhenIdle(): void {
    this.endsWhenIdle = true;
    if (this.processes.size === 0) this.end();
  }

  private end(): void {
    this.alive = false;
    this.server.close();
    if (this.launcher.connected) this.launcher.disconnect();
  }

  private forget(token: string): void {
    this.processes.delete(token);
    if (this.endsWhenIdle && this.processes.size === 0) this.end();
  }

  private send(message: ToLauncher): void {
    if (this.alive && this.launcher.connected) this.launcher.send(message, () => undefined);
  }

  private receive(message: FromLauncher): void {
    const started = this.processes.get(message.token);
    if (!started) return;
    if (message.type === 'started') {
      started.pid = message.pid;
      return;
    }
    if (message.type === 'ended') started.end(message);
    // The process or the file could not be opened: the document was not parsed.
    else started.fail(new SandboxBroken(`${message.code} ${message.message}`));
  }

  /** A connection begins with the token of a process; any other connection is closed. */
  private accept(connection: Socket): void {
    connection.unref();
    connection.on('error', () => undefined);
    let received = Buffer.alloc(0);
    const read = (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < tokenLength) return;
      connection.off('data', read);
      connection.pause();
      const started = this.processes.get(received.toString('latin1', 0, tokenLength));
      if (!started) return void connection.destroy();
      if (received.length > tokenLength) connection.unshift(received.subarray(tokenLength));
      started.connect(connection);
    };
    connection.on('data', read);
  }

  /** The launcher has ended, and its processes with it: their jobs fail. */
  private fail(reason: string): void {
    this.alive = false;
    this.server.close();
    removeTemporaryFolder(this.folder);
    for (const started of this.processes.values()) {
      // Only the process has the other end of its connection now: while that is open, the id is still its own.
      if (started.pid !== undefined && started.isConnected) killProcess(started.pid);
      started.fail(new SandboxBroken(reason));
    }
    this.processes.clear();
  }
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}
