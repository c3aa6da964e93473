import type { OrdersQuery, OrderSummary, OrderView, VerificationView } from '@casewire/contracts';
import { decodeCursor, notFound, pageOf } from '@casewire/service';
import type { Pool, PoolClient } from 'pg';
import { z } from 'zod';

import { orderWithNumber, readableNumber } from '../orders/order-number.ts';
import { orderList, type OrderFilter } from './order-list.query.ts';
import { orderView } from './order-view.query.ts';
import type { Tenant } from './tenant.ts';
import { orderOfVerification, verificationsOf } from './verification-view.query.ts';

const Position = z.object({ createdAt: z.iso.datetime(), id: z.uuid() });

/** Reads orders and verifications. */
export class ReadingService {
  constructor(private readonly pool: Pool) {}

  async getAll(
    tenant: Tenant,
    { limit, cursor, ...query }: OrdersQuery,
  ): Promise<{ items: OrderSummary[]; next: string | null }> {
    const after = cursor === undefined ? undefined : decodeCursor(Position, cursor);
    const filter = await this.filterOf(tenant, query);
    const orders = filter ? await orderList(this.pool, tenant, filter, limit, after) : [];
    return pageOf(
      orders,
      limit,
      ({ createdAt, id }) => ({ createdAt, id }),
      (one) => one,
    );
  }

  /** @throws ApiError 404 */
  async get(tenant: Tenant, orderId: string): Promise<OrderView> {
    const found = await orderView(this.pool, tenant, orderId);
    if (!found) throw notFound('order');
    return found;
  }

  /** @throws ApiError 404 */
  getVerification(tenant: Tenant, id: string): Promise<VerificationView> {
    return verificationView(this.pool, tenant, id);
  }

  /** The query as conditions; undefined if no order can meet them. */
  private async filterOf(
    tenant: Tenant,
    { number, ...query }: Omit<OrdersQuery, 'limit' | 'cursor'>,
  ): Promise<OrderFilter | undefined> {
    if (number === undefined) return query;
    const orderId = await orderWithNumber(this.pool, tenant, readableNumber(number));
    return orderId === undefined ? undefined : { ...query, orderId };
  }
}

/** A verification of the tenant. @throws ApiError 404 */
export async function verificationView(
  db: Pick<PoolClient, 'query'>,
  tenant: Tenant,
  id: string,
): Promise<VerificationView> {
  const orderId = await orderOfVerification(db, tenant, id);
  if (orderId === undefined) throw notFound('verification');
  return (await verificationsOf(db, orderId)).find((one) => one.id === id)!;
}
