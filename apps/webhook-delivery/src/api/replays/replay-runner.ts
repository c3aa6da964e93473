import { inTransaction, isDatabaseUnavailable } from '@casewire/service';
import type { Logger } from '@casewire/telemetry';
import type { Pool } from 'pg';

import type { LaneStore } from '../../model/lane-store.ts';
import { replayStep } from './replay-step.ts';
import { closeReplay, completeReplays } from './replay.query.ts';

export interface ReplayRunnerOptions {
  pool: Pool;
  store: Pick<LaneStore, 'enqueueReplay'>;
  /** Wakes the dispatcher: something may be due. */
  wake: () => void;
  logger: Logger;
  /** How many lanes of one replay may be open at the same time. */
  maxOpenLanes?: number;
  /** How long to wait for the next round if nothing wakes it, in milliseconds. */
  idleMs?: number;
}

/** Executes replays, in every instance: each round does one step of every unfinished replay that no other instance has locked. */
export class ReplayRunner {
  private running: Promise<void> | undefined;
  private stopped = false;
  private woken = Promise.withResolvers<void>();

  constructor(private readonly options: ReplayRunnerOptions) {}

  start(): void {
    this.running = this.run();
  }

  /** Begins the next round at once: a replay was created. */
  wake(): void {
    this.woken.resolve();
  }

  /** Resolves when the current step has ended; no other one begins. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    const { idleMs = 1000, logger } = this.options;
    while (!this.stopped) {
      this.woken = Promise.withResolvers<void>();
      const progressed = await this.round().catch((error: unknown) => {
        logger.warn({ event: 'replays.failed', error });
        return false;
      });
      if (progressed) continue;
      const timer = setTimeout(() => this.wake(), idleMs);
      await this.woken.promise;
      clearTimeout(timer);
    }
  }

  /** @returns whether any replay made progress */
  async round(): Promise<boolean> {
    const { pool, logger } = this.options;
    const { rows } = await pool.query<{ id: string }>(
      `select id from replay_job where state = 'running' and position->>'phase' <> 'wait' order by id`,
    );
    let progressed = false;
    for (const { id } of rows) {
      if (this.stopped) return false;
      progressed = (await this.step(id)) || progressed;
    }
    const completed = await completeReplays(pool);
    if (completed > 0) logger.info({ event: 'replays.completed', completed });
    return progressed;
  }

  private async step(job: string): Promise<boolean> {
    const { pool, store, wake, logger, maxOpenLanes } = this.options;
    try {
      const queued = await replayStep(pool, store, job, maxOpenLanes);
      if (queued === null) return false;
      if (queued > 0) wake();
      logger.info({ event: 'replay.step', job, queued });
      return true;
    } catch (error) {
      // The replay waits until the database is available again.
      if (isDatabaseUnavailable(error)) throw error;
      logger.error({ event: 'replay.failed', job, error });
      await inTransaction(pool, (client) => closeReplay(client, job, 'failed'));
      return true;
    }
  }
}
