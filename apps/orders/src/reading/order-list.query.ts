import type { OrderStatus, OrderSummary } from '@casewire/contracts';
import { named, sqlTime } from '@casewire/service';
import type { Pool } from 'pg';

import { orderColumns, orderSummary, type OrderRow } from './order-view.query.ts';
import type { Tenant } from './tenant.ts';

/** Which orders to list; a condition that is missing is ignored. */
export interface OrderFilter {
  status?: OrderStatus | undefined;
  orderId?: string | undefined;
  userId?: string | undefined;
  templateId?: string | undefined;
  /** Created at this time or later. */
  from?: string | undefined;
  /** Created before this time. */
  to?: string | undefined;
}

export interface OrderPosition {
  createdAt: string;
  id: string;
}

/** The tenant's orders after a position, newest first. Returns one more than the limit if there are more. */
export async function orderList(
  pool: Pick<Pool, 'query'>,
  { organizationId, environment }: Tenant,
  filter: OrderFilter,
  limit: number,
  after?: OrderPosition,
): Promise<OrderSummary[]> {
  const { rows } = await pool.query<OrderRow>(
    named(
      // A null parameter means no condition, at no cost: the plan is made with the values.
      `select ${orderColumns} from order_view v left join order_private p on p.order_id = v.id
       where v.organization_id = :organizationId and v.environment = :environment and not v.deleted
         and (:status::text is null or v.status = :status)
         and (:orderId::uuid is null or v.id = :orderId)
         and (:userId::uuid is null or v.user_id = :userId)
         and (:templateId::text is null or v.template_id = :templateId)
         and (:from::timestamptz is null or v.created_at >= :from)
         and (:to::timestamptz is null or v.created_at < :to)
         and (:createdAt::timestamptz is null or (v.created_at, v.id) < (:createdAt, :id::uuid))
       order by v.created_at desc, v.id desc limit :limit`,
      {
        organizationId,
        environment,
        status: filter.status,
        orderId: filter.orderId,
        userId: filter.userId,
        templateId: filter.templateId,
        from: sqlTime(filter.from),
        to: sqlTime(filter.to),
        createdAt: sqlTime(after?.createdAt),
        id: after?.id,
        limit: limit + 1,
      },
    ),
  );
  return rows.map(orderSummary);
}
