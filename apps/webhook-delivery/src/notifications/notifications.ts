import { every, type Stoppable } from '@casewire/service';
import type { Logger } from '@casewire/telemetry';
import type { Pool } from 'pg';

import { gatherNotices } from './gather-alerts.ts';
import type { Mail } from './mail.ts';
import { LetterSender } from './notification-sender.ts';
import { writeLetters, type LetterRules } from './write-notifications.ts';

export interface NoticesOptions extends Omit<LetterRules, 'isSent'> {
  pool: Pool;
  databaseUrl: string;
  /** Null where letters are kept, and not sent. */
  mail: Mail | null;
  now: () => Date;
  logger: Logger;
}

const longestRoundMs = 30_000;
const shortestRoundMs = 250;

/** Gathers what failed, writes letters about it, and sends them where there is a mail server. */
export class Notices {
  private gathering: Stoppable | undefined;
  private readonly sender: LetterSender | undefined;

  constructor(private readonly options: NoticesOptions) {
    const { mail } = options;
    this.sender = mail ? new LetterSender({ ...options, mail }) : undefined;
  }

  start(): void {
    const { gatherMs, logger } = this.options;
    const roundMs = Math.max(shortestRoundMs, Math.min(longestRoundMs, gatherMs / 2));
    this.gathering = every(roundMs, () => this.gather(), logger, 'notices.gather');
    this.sender?.start();
  }

  async stop(): Promise<void> {
    await this.gathering?.stop();
    await this.sender?.stop();
  }

  private async gather(): Promise<void> {
    const { pool, now, mail } = this.options;
    await gatherNotices(pool);
    await writeLetters(pool, now(), { ...this.options, isSent: mail !== null });
  }
}
