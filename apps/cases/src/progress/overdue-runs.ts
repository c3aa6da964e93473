import type { Logger } from '@casewire/telemetry';
import type { Pool } from 'pg';

import type { ProgressService } from './progress.service.ts';

/** Fails runs whose deadline has passed: a stage that never answers must not hold its case for ever. */
export class OverdueRuns {
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();

  constructor(
    private readonly pool: Pool,
    private readonly progress: ProgressService,
    private readonly logger: Logger,
  ) {}

  start(everyMs = 5000): void {
    this.timer = setInterval(() => {
      this.round = this.round
        .then(() => this.sweep())
        .catch((error: unknown) => {
          this.logger.warn({ event: 'overdue-runs.failed', error });
        });
    }, everyMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.round;
  }

  async sweep(): Promise<void> {
    const { rows } = await this.pool.query<{ id: string; case_id: string }>(
      `select id, case_id from run_view where status = 'processing' and deadline < now() order by deadline limit 100`,
    );
    for (const { id, case_id: caseId } of rows) {
      await this.progress.giveUp(caseId, id, {
        code: 'DEADLINE_EXCEEDED',
        detail: 'the stage did not answer in time',
      });
    }
  }
}
