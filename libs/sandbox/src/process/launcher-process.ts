import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';

import { removeTemporaryFolder, temporaryFolder } from '../temporary/temporary-folder.ts';
import { LaunchedChild } from './launched-child.ts';
import {
  type ChildKind,
  type FromLauncher,
  type LauncherSettings,
  tokenLength,
  type ToLauncher,
} from './launcher-messages.ts';
import { SandboxBroken } from './sandbox-error.ts';

/** One launcher, the socket where its children's connections come in, and the children that it started. */
export class LauncherProcess {
  private readonly folder = temporaryFolder();
  private readonly launcher: ChildProcess;
  private readonly server: Server;
  private readonly children = new Map<string, LaunchedChild>();
  private complaints = '';
  private holders = 0;
  private lastChildEnds = false;
  alive = true;

  constructor(settings: LauncherSettings) {
    const socket = join(this.folder, 's');
    // The document's end is told by closing one half; the answer comes over the other.
    this.server = createServer({ allowHalfOpen: true }, (line) => this.welcome(line));
    this.server.once('error', (error) => this.lose(error.message));
    this.server.listen({ path: socket, exclusive: true }).unref();
    // Detached: a signal to the parent's group does not reach it. It ends when its channel does.
    this.launcher = spawn(
      process.execPath,
      ['--no-warnings', join(import.meta.dirname, 'launcher.ts')],
      { env: {}, detached: true, stdio: ['ignore', 'ignore', 'pipe', 'ipc'] },
    );
    this.launcher.stderr!.on('data', (chunk: Buffer) => {
      this.complaints = (this.complaints + chunk.toString()).slice(-4000);
    });
    this.launcher.once('error', (error) => this.lose(error.message));
    this.launcher.once('exit', () => this.lose(`the launcher ended. ${this.complaints}`));
    this.launcher.on('message', (message: FromLauncher) => this.hear(message));
    this.launcher.unref();
    (this.launcher.stderr as Socket).unref();
    this.launcher.channel?.unref();
    this.send({ type: 'prepare', settings, folder: this.folder, socket });
  }

  /** Of the launcher. */
  get pid(): number | undefined {
    return this.launcher.pid;
  }

  /** Starts a child, with the document as an open file where it is one. */
  start(kind: ChildKind, document: string | null): LaunchedChild {
    const token = randomBytes(tokenLength / 2).toString('hex');
    const child = new LaunchedChild(kind, () => this.send({ type: 'kill', token }));
    this.children.set(token, child);
    child.ended.catch(() => undefined).finally(() => this.forget(token));
    this.send({ type: 'start', token, kind, document });
    return child;
  }

  /** While a job is under way, this process does not end by itself; waiting children do not keep it. */
  hold(hold: boolean): void {
    this.holders += hold ? 1 : -1;
    if (this.holders > 0) this.launcher.channel?.ref();
    else this.launcher.channel?.unref();
  }

  /** Ends it as soon as it has no child any more. */
  endAfterChildren(): void {
    this.lastChildEnds = true;
    if (this.children.size === 0) this.end();
  }

  private end(): void {
    this.alive = false;
    this.server.close();
    if (this.launcher.connected) this.launcher.disconnect();
  }

  private forget(token: string): void {
    this.children.delete(token);
    if (this.lastChildEnds && this.children.size === 0) this.end();
  }

  private send(message: ToLauncher): void {
    if (this.alive && this.launcher.connected) this.launcher.send(message, () => undefined);
  }

  private hear(message: FromLauncher): void {
    const child = this.children.get(message.token);
    if (!child) return;
    if (message.type === 'started') {
      child.pid = message.pid;
      return;
    }
    if (message.type === 'ended') child.end(message);
    // No process could be started, or no file opened: the document was not looked at.
    else child.fail(new SandboxBroken(`${message.code} ${message.message}`));
  }

  /** Whoever connects first shows a token that a child was asked for with; nobody else is listened to. */
  private welcome(line: Socket): void {
    line.unref();
    line.on('error', () => undefined);
    let shown = Buffer.alloc(0);
    const read = (chunk: Buffer) => {
      shown = Buffer.concat([shown, chunk]);
      if (shown.length < tokenLength) return;
      line.off('data', read);
      line.pause();
      const child = this.children.get(shown.toString('latin1', 0, tokenLength));
      if (!child) return void line.destroy();
      if (shown.length > tokenLength) line.unshift(shown.subarray(tokenLength));
      child.connect(line);
    };
    line.on('data', read);
  }

  /** The launcher is gone: so are its children, and with them what they were doing. */
  private lose(why: string): void {
    this.alive = false;
    this.server.close();
    removeTemporaryFolder(this.folder);
    for (const child of this.children.values()) {
      // Nobody but the child holds the other end of its line now: while that is open, the number is still the child's.
      if (child.pid !== undefined && child.holdsLine) killProcess(child.pid);
      child.fail(new SandboxBroken(why));
    }
    this.children.clear();
  }
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It went by itself.
  }
}
