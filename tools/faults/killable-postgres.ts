import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

import { freePort } from '@casewire/apache-kafka';
import { EmbeddedPostgres, PostgresNotStarted } from '@casewire/embedded-postgres';
import { Client } from 'pg';

const startTries = 50;

/** PostgreSQL that can be killed with SIGKILL, and started again on the same files and port. */
export class KillablePostgres {
  private port = 0;
  private server!: EmbeddedPostgres;

  constructor(private readonly directory: string) {}

  async start(): Promise<this> {
    this.port ||= await freePort();
    for (let tries = 1; ; tries += 1) {
      this.server = new EmbeddedPostgres({ directory: this.directory, port: this.port });
      try {
        await this.server.start();
        return this;
      } catch (error) {
        // A new server cannot start until the last process of the old one has ended.
        if (!(error instanceof PostgresNotStarted) || tries === startTries) throw error;
        await delay(200);
      }
    }
  }

  url(): string {
    return this.server.url();
  }

  /** SIGKILL: the server writes nothing more, and closes no connection properly. */
  async kill(): Promise<void> {
    const client = new Client(this.url());
    // The kill ends this connection.
    client.on('error', () => undefined);
    await client.connect();
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
    process.kill(parentOf(rows[0]!.pid), 'SIGKILL');
    await client.end().catch(() => undefined);
  }

  async stop(): Promise<void> {
    await this.server.stop();
  }
}

/** The id of the parent process; Linux only. */
function parentOf(pid: number): number {
  const [, parent] = /^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? [];
  return Number(parent);
}
