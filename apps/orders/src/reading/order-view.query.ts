import type {
  Actor,
  Environment,
  OrderStatus,
  OrderSummary,
  OrderUser,
  OrderView,
} from '@casewire/contracts';
import type { Pool, PoolClient } from 'pg';

import { latestRefresh } from './order-refresh.query.ts';
import { reportsOf } from './report.query.ts';
import type { Tenant } from './tenant.ts';
import { verificationsOf } from './verification-view.query.ts';

type Queryable = Pick<Pool | PoolClient, 'query'>;

export interface OrderRow {
  id: string;
  number: string;
  environment: Environment;
  status: OrderStatus;
  template_id: string;
  template_version: number;
  user_id: string | null;
  user_data: OrderUser | null;
  metadata: OrderView['metadata'] | null;
  correlation_id: string | null;
  created_by: Actor;
  created_at: Date;
  completed_at: Date | null;
}

export const orderColumns = `v.id, v.number, v.environment, v.status, v.template_id, v.template_version, v.user_id, v.created_by,
  v.created_at, v.completed_at, p.user_data, p.metadata, p.correlation_id`;

export const orderSummary = (row: OrderRow): OrderSummary => ({
  id: row.id,
  number: row.number,
  environment: row.environment,
  status: row.status,
  templateId: row.template_id,
  templateVersion: row.template_version,
  userId: row.user_id,
  user: row.user_data,
  metadata: row.metadata ?? {},
  correlationId: row.correlation_id,
  createdBy: row.created_by,
  createdAt: row.created_at.toISOString(),
  completedAt: row.completed_at?.toISOString() ?? null,
});

/** An order of the tenant without its verifications; undefined if there is none, or if it was deleted. */
export async function orderWithoutVerifications(
  db: Queryable,
  { organizationId, environment }: Tenant,
  orderId: string,
): Promise<OrderSummary | undefined> {
  const { rows } = await db.query<OrderRow>(
    `select ${orderColumns} from order_view v left join order_private p on p.order_id = v.id
     where v.id = $1 and v.organization_id = $2 and v.environment = $3 and not v.deleted`,
    [orderId, organizationId, environment],
  );
  return rows[0] && orderSummary(rows[0]);
}

/** An order of the tenant; undefined if there is none, or if it was deleted. */
export async function orderView(
  db: Queryable,
  tenant: Tenant,
  orderId: string,
): Promise<OrderView | undefined> {
  const found = await orderWithoutVerifications(db, tenant, orderId);
  return (
    found && {
      ...found,
      verifications: await verificationsOf(db, orderId),
      reports: await reportsOf(db, orderId),
      refresh: await latestRefresh(db, orderId),
    }
  );
}
