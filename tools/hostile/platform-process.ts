import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { OperatorClient, PartnerClient } from '@casewire/client';

const startMs = 180_000;

export class PlatformEnded extends Error {
  readonly code = 'PLATFORM_ENDED';
}

/** Where files are submitted, and in whose name. */
export interface Target {
  url: string;
  key: string;
  client: PartnerClient;
}

/** The platform as `npm run start:all` runs it, in a folder that goes with it. */
export class PlatformProcess {
  private readonly folder: string;
  private readonly child: ChildProcess;
  private readonly exit: Promise<unknown>;
  private said = '';
  /** Lines by which it tells that a service ended. */
  readonly ends: string[] = [];

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'casewire-hostile-'));
    // PostgreSQL may run as another account, and stays in here if that may enter.
    chmodSync(this.folder, 0o755);
    const temporary = join(this.folder, 'tmp');
    mkdirSync(temporary);
    const dev = join(import.meta.dirname, '..', 'dev');
    // However this process ends, the platform ends with it.
    const guard = join(dev, 'ends-with-starter.ts');
    const args = ['--import', '#register', '--import', guard, join(dev, 'all.ts')];
    this.child = spawn(process.execPath, args, {
      cwd: join(import.meta.dirname, '..', '..'),
      env: {
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        CASEWIRE_DIRECTORY: this.folder,
        PORT: '0',
        KAFKA_PORT: '0',
        POSTGRES_PORT: '0',
        TMPDIR: temporary,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    this.exit = once(this.child, 'close');
  }

  get pid(): number {
    return this.child.pid!;
  }

  get running(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Resolves when it takes requests. @throws PlatformEnded with what it said */
  async started(): Promise<Target> {
    const ready = Promise.withResolvers<[url: string, operatorKey: string]>();
    let where: string | undefined;
    const hear = (chunk: Buffer) => {
      // Its log is long: only the last lines are looked at again.
      this.said = (this.said + chunk.toString()).slice(-100_000);
      const lines = this.said.split('\n');
      this.said = lines.pop()!;
      for (const line of lines) {
        where = /^Casewire runs at (\S+)$/.exec(line)?.[1] ?? where;
        const [, key] = /^\s+Operator key\s+(\S+)$/.exec(line) ?? [];
        if (where !== undefined && key !== undefined) ready.resolve([where, key]);
        if (/^[a-z-]+ ended \(.*\), and is started again/.test(line)) this.ends.push(line);
      }
    };
    this.child.stdout!.on('data', hear);
    this.child.stderr!.on('data', hear);
    void this.exit.then(() => ready.reject(new PlatformEnded(`it ended: ${this.said}`)));
    const late = setTimeout(
      () => ready.reject(new PlatformEnded(`it did not start in time: ${this.said}`)),
      startMs,
    );
    const [url, operatorKey] = await ready.promise.finally(() => clearTimeout(late));
    const operator = new OperatorClient(url, operatorKey);
    const organization = await operator.createOrganization({ name: 'Hostile' });
    const { key } = await operator.createApiKey(organization.id, { environment: 'sandbox' });
    return { url, key, client: new PartnerClient(url, key) };
  }

  /** Ends it, and removes what it kept. */
  async stop(): Promise<void> {
    if (this.running) this.child.kill('SIGTERM');
    await this.exit;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
