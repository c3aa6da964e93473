import { repeatEvery, type Stoppable } from '@casewire/service';
import type { Logger } from '@casewire/telemetry';
import type { Pool } from 'pg';

import { gatherAlerts } from './gather-alerts.ts';
import type { Mail } from './mail.ts';
import { NotificationSender } from './notification-sender.ts';
import { writeNotifications, type NotificationRules } from './write-notifications.ts';

export interface NotificationsOptions extends Omit<NotificationRules, 'isSent'> {
  pool: Pool;
  databaseUrl: string;
  /** Null if notifications are only stored, not sent. */
  mail: Mail | null;
  now: () => Date;
  logger: Logger;
}

const longestRoundMs = 30_000;
const shortestRoundMs = 250;

/** Gathers alerts, writes notifications about them, and sends those if there is a mail server. */
export class Notifications {
  private gathering: Stoppable | undefined;
  private readonly sender: NotificationSender | undefined;

  constructor(private readonly options: NotificationsOptions) {
    const { mail } = options;
    this.sender = mail ? new NotificationSender({ ...options, mail }) : undefined;
  }

  start(): void {
    const { gatherMs, logger } = this.options;
    const roundMs = Math.max(shortestRoundMs, Math.min(longestRoundMs, gatherMs / 2));
    this.gathering = repeatEvery(roundMs, () => this.gather(), logger, 'alerts.gather');
    this.sender?.start();
  }

  async stop(): Promise<void> {
    await this.gathering?.stop();
    await this.sender?.stop();
  }

  private async gather(): Promise<void> {
    const { pool, now, mail } = this.options;
    await gatherAlerts(pool);
    await writeNotifications(pool, now(), { ...this.options, isSent: mail !== null });
  }
}
