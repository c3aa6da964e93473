import { inTransaction, isDatabaseAway } from '@casewire/service';
import type { Logger } from '@casewire/telemetry';
import type { Pool } from 'pg';

import type { LaneStore } from '../../model/lane-store.ts';
import { replayStep } from './replay-step.ts';
import { closeReplay, completeReplays } from './replay.query.ts';

export interface ReplayRunnerOptions {
  pool: Pool;
  lanes: Pick<LaneStore, 'enqueueReplay'>;
  /** Tells the dispatcher that something may be due. */
  wake: () => void;
  logger: Logger;
  /** Lanes of one replay that are open at once. */
  mostOpen?: number;
  /** How long to wait before looking for replays without being woken. */
  idleMs?: number;
}

/** Carries replays on, in every instance: each round takes every unfinished one that is free a step further. */
export class ReplayRunner {
  private running: Promise<void> | undefined;
  private stopped = false;
  private woken = Promise.withResolvers<void>();

  constructor(private readonly options: ReplayRunnerOptions) {}

  start(): void {
    this.running = this.run();
  }

  /** Says that a replay was asked for. */
  wake(): void {
    this.woken.resolve();
  }

  /** Ends the step that is under way, and begins no other. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.wake();
    await this.running;
  }

  private async run(): Promise<void> {
    const { idleMs = 1000, logger } = this.options;
    while (!this.stopped) {
      this.woken = Promise.withResolvers<void>();
      const moved = await this.round().catch((error: unknown) => {
        logger.warn({ event: 'replays.failed', error });
        return false;
      });
      if (moved) continue;
      const timer = setTimeout(() => this.wake(), idleMs);
      await this.woken.promise;
      clearTimeout(timer);
    }
  }

  /** @returns whether anything was done */
  async round(): Promise<boolean> {
    const { pool, logger } = this.options;
    const { rows } = await pool.query<{ id: string }>(
      `select id from replay_job where state = 'running' and position->>'phase' <> 'wait' order by id`,
    );
    let moved = false;
    for (const { id } of rows) {
      if (this.stopped) return false;
      moved = (await this.step(id)) || moved;
    }
    const completed = await completeReplays(pool);
    if (completed > 0) logger.info({ event: 'replays.completed', completed });
    return moved;
  }

  private async step(job: string): Promise<boolean> {
    const { pool, lanes, wake, logger, mostOpen } = this.options;
    try {
      const queued = await replayStep(pool, lanes, job, mostOpen);
      if (queued === null) return false;
      if (queued > 0) wake();
      logger.info({ event: 'replay.step', job, queued });
      return true;
    } catch (error) {
      // The replay is not at fault: it waits for the database.
      if (isDatabaseAway(error)) throw error;
      logger.error({ event: 'replay.failed', job, error });
      await inTransaction(pool, (client) => closeReplay(client, job, 'failed'));
      return true;
    }
  }
}
