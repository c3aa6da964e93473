import { setTimeout as delay } from 'node:timers/promises';

import type { Logger } from '@casewire/telemetry';
import { Client } from 'pg';

/** Duties that one instance at a time has. */
export type LeaderTaskName = 'outcomes.publish' | 'notifications.send' | 'alerts.gather';

const places: Record<LeaderTaskName, number> = {
  'outcomes.publish': 1,
  'notifications.send': 2,
  'alerts.gather': 3,
};

/** The advisory lock by which an instance has a task: its namespace, and its place in it. */
export const lockOf = (task: LeaderTaskName): [number, number] => [0x0ca5e2, places[task]];

export interface LeaderTaskOptions {
  databaseUrl: string;
  task: LeaderTaskName;
  /**
   * Does some of it, on the connection that owns it.
   * @returns whether there may be more at once
   */
  round: (client: Client) => Promise<boolean>;
  logger: Logger;
  /** How long to wait before looking again, for work or for the task, in milliseconds. */
  idleMs?: number;
}

/**
 * Does what one instance at a time may do: a session advisory lock, blocked by the connection that the work is read with, so
 * that an owner which lost its connection can read nothing more.
 */
export class LeaderTask {
  private readonly halt = new AbortController();
  private running: Promise<void> | undefined;

  constructor(private readonly options: LeaderTaskOptions) {}

  start(): void {
    this.running = this.run();
  }

  /** Ends after the round that is under way. */
  async stop(): Promise<void> {
    this.halt.abort();
    await this.running;
  }

  private async run(): Promise<void> {
    const { databaseUrl: connectionString, task, logger, idleMs = 1000 } = this.options;
    while (!this.halt.signal.aborted) {
      const client = new Client({
        connectionString,
        connectionTimeoutMillis: 5_000,
        keepAlive: true,
        statement_timeout: 20_000,
        query_timeout: 25_000,
      });
      const lost = Promise.withResolvers<never>();
      lost.promise.catch(() => undefined);
      // A connection that is cut can say so more than once: whatever comes after the first is heard as well.
      client.on('error', (error) => lost.reject(error));
      try {
        await client.connect();
        await Promise.race([this.own(client), lost.promise]);
      } catch (error) {
        logger.warn({ event: `${task}.interrupted`, error });
        await this.pause(idleMs);
      } finally {
        await client.end().catch(() => undefined);
      }
    }
  }

  private async own(client: Client): Promise<void> {
    const { task, round, idleMs = 1000 } = this.options;
    let owned = false;
    while (!this.halt.signal.aborted) {
      owned ||= await taken(client, task);
      if (owned && (await round(client))) continue;
      await this.pause(idleMs);
    }
  }

  private async pause(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.halt.signal }).catch(() => undefined);
  }
}

async function taken(client: Client, task: LeaderTaskName): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    'select pg_try_advisory_lock($1, $2) as taken',
    lockOf(task),
  );
  return rows[0]!.taken;
}
