import { setTimeout as delay } from 'node:timers/promises';

import type { Logger } from '@casewire/telemetry';
import { Client } from 'pg';

export interface LeaderTaskOptions {
  databaseUrl: string;
  /** The name in log lines: a failure is logged as `<name>.interrupted`. */
  name: string;
  /** Namespace of the advisory locks: the first key of pg_try_advisory_lock(int, int). */
  lockSpace: number;
  /** The second keys. Each is the lock of a part of the work that one instance does at a time. */
  lockKeys: readonly number[];
  /**
   * Does a part of the work of these keys, on the connection that has their locks.
   * @returns whether more work may be waiting, so that the next round starts without a pause
   */
  round: (client: Client, keys: readonly number[]) => Promise<boolean>;
  logger: Logger;
  /** How often to check for work and for free locks, in milliseconds; 1000 by default. */
  idleMs?: number;
}

/**
 * Work that only one of several instances does at a time. Each part of it has a session advisory lock on the
 * connection that is used for the work: an instance that loses the connection loses its locks, and can no longer read or write.
 */
export class LeaderTask {
  private readonly acquiredKeys = new Set<number>();
  private readonly stopping = new AbortController();
  private running: Promise<void> | undefined;
  private woken = Promise.withResolvers<void>();

  constructor(private readonly options: LeaderTaskOptions) {}

  start(): void {
    this.running = this.run();
  }

  /** Makes the task check for work at once instead of at the next interval. */
  wake(): void {
    this.woken.resolve();
  }

  /** Resolves when the current round has ended and the locks are released. */
  async stop(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await this.running;
  }

  private get idleMs(): number {
    return this.options.idleMs ?? 1000;
  }

  private async run(): Promise<void> {
    const { databaseUrl, name, logger } = this.options;
    while (!this.stopping.signal.aborted) {
      const client = new Client({
        connectionString: databaseUrl,
        connectionTimeoutMillis: 5_000,
        keepAlive: true,
        statement_timeout: 20_000,
        query_timeout: 25_000,
      });
      const lost = Promise.withResolvers<never>();
      lost.promise.catch(() => undefined);
      // A broken connection can emit several errors, and an error without a listener would end the process.
      client.on('error', (error) => lost.reject(error));
      try {
        await client.connect();
        await Promise.race([this.lead(client), lost.promise]);
      } catch (error) {
        logger.warn({ event: `${name}.interrupted`, error });
        await this.pause();
      } finally {
        this.acquiredKeys.clear();
        await client.end().catch(() => undefined);
      }
    }
  }

  private async lead(client: Client): Promise<void> {
    const { lockKeys, round } = this.options;
    let lastAcquireAt = -Infinity;
    while (!this.stopping.signal.aborted) {
      this.woken = Promise.withResolvers<void>();
      if (
        this.acquiredKeys.size < lockKeys.length &&
        performance.now() - lastAcquireAt > this.idleMs
      ) {
        await this.acquire(client);
        lastAcquireAt = performance.now();
      }
      if (this.acquiredKeys.size > 0 && (await round(client, [...this.acquiredKeys]))) continue;
      await this.pause();
    }
  }

  private async acquire(client: Client): Promise<void> {
    const { lockSpace, lockKeys } = this.options;
    for (const key of lockKeys) {
      if (this.acquiredKeys.has(key)) continue;
      const { rows } = await client.query<{ acquired: boolean }>(
        'select pg_try_advisory_lock($1, $2) as acquired',
        [lockSpace, key],
      );
      if (rows[0]!.acquired) this.acquiredKeys.add(key);
    }
  }

  private async pause(): Promise<void> {
    await Promise.race([
      this.woken.promise,
      delay(this.idleMs, undefined, { signal: this.stopping.signal }),
    ]).catch(() => undefined);
  }
}
