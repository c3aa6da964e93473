import { LeaderTask } from '@casewire/service';
import type { Logger } from '@casewire/telemetry';
import type { Client } from 'pg';

import { leaderLocks } from '../model/leader-locks.ts';
import { gatherAlerts } from './gather-alerts.ts';
import type { Mail } from './mail.ts';
import { NotificationSender } from './notification-sender.ts';
import { writeNotifications, type NotificationRules } from './write-notifications.ts';

export interface NotificationsOptions extends Omit<NotificationRules, 'isSent'> {
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
  private readonly gathering: LeaderTask;
  private readonly sender: NotificationSender | undefined;

  constructor(private readonly options: NotificationsOptions) {
    const { databaseUrl, gatherMs, logger, mail } = options;
    this.gathering = new LeaderTask({
      databaseUrl,
      name: 'alerts.gather',
      lockSpace: leaderLocks.space,
      lockKeys: [leaderLocks.gatherAlerts],
      round: (client) => this.gather(client),
      logger,
      idleMs: Math.max(shortestRoundMs, Math.min(longestRoundMs, gatherMs / 2)),
    });
    this.sender = mail ? new NotificationSender({ ...options, mail }) : undefined;
  }

  start(): void {
    this.gathering.start();
    this.sender?.start();
  }

  async stop(): Promise<void> {
    await this.gathering.stop();
    await this.sender?.stop();
  }

  private async gather(client: Client): Promise<boolean> {
    const { now, mail } = this.options;
    await gatherAlerts(client);
    await writeNotifications(client, now(), { ...this.options, isSent: mail !== null });
    return false;
  }
}
