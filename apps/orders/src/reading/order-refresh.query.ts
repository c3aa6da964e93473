import type { Actor, OrderRefreshView } from '@casewire/contracts';
import type { PoolClient } from 'pg';

interface RefreshRow {
  id: string;
  status: OrderRefreshView['status'];
  task_ids: string[];
  requested_by: Actor;
  requested_at: Date;
  finished_at: Date | null;
}

/** The latest refresh of an order; null without one. */
export async function latestRefresh(
  db: Pick<PoolClient, 'query'>,
  orderId: string,
): Promise<OrderRefreshView | null> {
  const { rows } = await db.query<RefreshRow>(
    `select id, status, task_ids, requested_by, requested_at, finished_at from order_refresh_view
     where order_id = $1 order by requested_at desc limit 1`,
    [orderId],
  );
  const row = rows[0];
  if (!row) return null;
  return {
    id: row.id,
    status: row.status,
    taskIds: row.task_ids,
    requestedBy: row.requested_by,
    requestedAt: row.requested_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}
