import { LeaderTask } from '@casewire/service';
import type { Logger } from '@casewire/telemetry';
import type { Client } from 'pg';

import { leaderLocks } from '../model/leader-locks.ts';
import type { Mail } from './mail.ts';

export interface NotificationSenderOptions {
  databaseUrl: string;
  mail: Mail;
  logger: Logger;
  /** How long to wait for the next round if nothing is due, in milliseconds. */
  idleMs?: number;
}

const firstPauseSeconds = 60;
const longestPauseSeconds = 3600;

interface NotificationRow {
  id: string;
  to: string;
  subject: string;
  text: string;
  tries: number;
  past_limit: boolean;
}

/**
 * Sends notifications, one after the other, from one instance at a time. A notification that could not be sent is tried
 * again after 1, 2, 4 ... 60 minutes. If the server refuses it permanently (5xx) after the first day, it is given up.
 */
export class NotificationSender {
  private readonly task: LeaderTask;

  constructor(private readonly options: NotificationSenderOptions) {
    this.task = new LeaderTask({
      ...options,
      name: 'notifications.send',
      lockSpace: leaderLocks.space,
      lockKeys: [leaderLocks.sendNotifications],
      round: (client) => this.round(client),
    });
  }

  start(): void {
    this.task.start();
  }

  stop(): Promise<void> {
    return this.task.stop();
  }

  private async round(client: Client): Promise<boolean> {
    const { rows } = await client.query<NotificationRow>(dueNotification);
    const [notification] = rows;
    if (!notification) return false;
    try {
      await this.options.mail.send(notification);
    } catch (error) {
      await this.postpone(client, notification, error);
      // Without a response from the server the next notification would fail as well.
      return responseCodeOf(error) !== null;
    }
    await client.query('update notification set sent_at = now(), tries = tries + 1 where id = $1', [
      notification.id,
    ]);
    this.options.logger.info({
      event: 'notification.sent',
      notificationId: notification.id,
      tries: notification.tries + 1,
    });
    return true;
  }

  private async postpone(
    client: Client,
    { id, tries, past_limit: isPastLimit }: NotificationRow,
    error: unknown,
  ): Promise<void> {
    const { logger } = this.options;
    const isGivenUp = isPastLimit && (responseCodeOf(error) ?? 0) >= 500;
    const pause = Math.min(firstPauseSeconds * 2 ** tries, longestPauseSeconds);
    await client.query(
      `update notification set tries = tries + 1,
         next_try_at = case when $2 then 'infinity' else now() + make_interval(secs => $3) end
       where id = $1`,
      [id, isGivenUp, pause],
    );
    if (isGivenUp)
      logger.error({ event: 'notification.given-up', notificationId: id, tries: tries + 1, error });
    else
      logger.warn({ event: 'notification.not-sent', notificationId: id, tries: tries + 1, error });
  }
}

/** The code of the server's response; null if there was none. */
const responseCodeOf = (error: unknown): number | null =>
  (error as { responseCode?: number }).responseCode ?? null;

const dueNotification = `
  select id, recipient as "to", subject, body as text, tries, created_at < now() - interval '1 day' as past_limit
  from notification where sent_at is null and next_try_at <= now() order by next_try_at, id limit 1`;
