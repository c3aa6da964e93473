import type { NotificationView, PageQuery } from '@casewire/contracts';
import { decodeCursor, pageOf } from '@casewire/service';
import type { Pool } from 'pg';
import { z } from 'zod';

interface NotificationRow {
  id: string;
  recipient: string;
  subject: string;
  body: string;
  created_at: Date;
  sent_at: Date | null;
}

const Position = z.string().regex(/^\d{1,18}$/);

/** All notifications of an organization, whether they are sent or not. */
export class NotificationsService {
  constructor(private readonly pool: Pool) {}

  async getAll(
    { organizationId }: { organizationId: string },
    { limit, cursor }: PageQuery,
  ): Promise<{ items: NotificationView[]; next: string | null }> {
    const before = cursor === undefined ? null : decodeCursor(Position, cursor);
    const { rows } = await this.pool.query<NotificationRow>(
      `select id, recipient, subject, body, created_at, sent_at from notification
       where organization_id = $1 and ($2::bigint is null or id < $2) order by id desc limit $3`,
      [organizationId, before, limit + 1],
    );
    return pageOf(rows, limit, ({ id }) => id, view);
  }
}

const view = (row: NotificationRow): NotificationView => ({
  id: row.id,
  to: row.recipient,
  subject: row.subject,
  text: row.body,
  createdAt: row.created_at.toISOString(),
  sentAt: row.sent_at?.toISOString() ?? null,
});
