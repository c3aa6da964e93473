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

/** The platform and the organization that files are submitted to. */
export interface Target {
  url: string;
  key: string;
  client: PartnerClient;
}

/** The platform as `npm run start:all` starts it, in a folder that is removed with it. */
export class PlatformProcess {
  private readonly folder: string;
  private readonly child: ChildProcess;
  private readonly exit: Promise<unknown>;
  private output = '';
  /** Its log lines about services that ended. */
  readonly ends: string[] = [];

  constructor() {
    this.folder = mkdtempSync(join(tmpdir(), 'casewire-hostile-'));
    // PostgreSQL may run as another user account, which needs access to this folder.
    chmodSync(this.folder, 0o755);
    const temporary = join(this.folder, 'tmp');
    mkdirSync(temporary);
    const dev = join(import.meta.dirname, '..', 'dev');
    // The platform ends with this process, however that ends.
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
        METRICS_PORT: '0',
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

  /** Resolves when it accepts requests. @throws PlatformEnded with its output */
  async started(): Promise<Target> {
    const ready = Promise.withResolvers<[url: string, operatorKey: string]>();
    let platformUrl: string | undefined;
    const readOutput = (chunk: Buffer) => {
      // Its log is long: only incomplete and last lines are kept.
      this.output = (this.output + chunk.toString()).slice(-100_000);
      const lines = this.output.split('\n');
      this.output = lines.pop()!;
      for (const line of lines) {
        platformUrl = /^Casewire runs at (\S+)$/.exec(line)?.[1] ?? platformUrl;
        const [, key] = /^\s+Operator key\s+(\S+)$/.exec(line) ?? [];
        if (platformUrl !== undefined && key !== undefined) ready.resolve([platformUrl, key]);
        if (/^[a-z-]+ ended \(.*\), and is started again/.test(line)) this.ends.push(line);
      }
    };
    this.child.stdout!.on('data', readOutput);
    this.child.stderr!.on('data', readOutput);
    void this.exit.then(() => ready.reject(new PlatformEnded(`it ended: ${this.output}`)));
    const timeout = setTimeout(
      () => ready.reject(new PlatformEnded(`it did not start in time: ${this.output}`)),
      startMs,
    );
    const [url, operatorKey] = await ready.promise.finally(() => clearTimeout(timeout));
    const operator = new OperatorClient(url, operatorKey);
    const organization = await operator.createOrganization({ name: 'Hostile' });
    const { key } = await operator.createApiKey(organization.id, { environment: 'sandbox' });
    return { url, key, client: new PartnerClient(url, key) };
  }

  /** Ends it and removes its folder. */
  async stop(): Promise<void> {
    if (this.running) this.child.kill('SIGTERM');
    await this.exit;
    rmSync(this.folder, { recursive: true, force: true });
  }
}
