import type { BlobStore } from '@casewire/blobs';
import { forgetAnswers, inTransaction } from '@casewire/service';
import type { Logger } from '@casewire/telemetry';
import type { Pool } from 'pg';

import { settleDebts } from './blob-debt.ts';

/** Removes blobs that are due, and answers that are older than a day. */
export class Janitor {
  private timer: NodeJS.Timeout | undefined;
  private round: Promise<void> = Promise.resolve();

  constructor(
    private readonly pool: Pool,
    private readonly blobs: BlobStore,
    private readonly logger: Logger,
  ) {}

  start(everyMs = 1000): void {
    this.timer = setInterval(() => {
      this.round = this.round
        .then(() => this.clean())
        .catch((error: unknown) => {
          this.logger.warn({ event: 'janitor.failed', error });
        });
    }, everyMs);
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.round;
  }

  private async clean(): Promise<void> {
    const removed = await inTransaction(this.pool, (client) => settleDebts(client, this.blobs));
    const forgotten = await forgetAnswers(this.pool);
    if (removed + forgotten > 0) this.logger.info({ event: 'janitor.cleaned', removed, forgotten });
  }
}
