import type { OrderSummary } from '@casewire/contracts';
import { notFound } from '@casewire/service';
import type { PoolClient } from 'pg';

import { orderWithoutVerifications } from './order-view.query.ts';
import type { Tenant } from './tenant.ts';
import { orderOfVerification } from './verification-view.query.ts';

/** An order of the tenant without its verifications. @throws ApiError 404 */
export async function findOrder(
  db: Pick<PoolClient, 'query'>,
  tenant: Tenant,
  orderId: string,
): Promise<OrderSummary> {
  const found = await orderWithoutVerifications(db, tenant, orderId);
  if (!found) throw notFound('order');
  return found;
}

/**
 * Locks an order of the tenant until the transaction ends, so that it is not deleted meanwhile.
 * @throws ApiError 404
 */
export async function lockOrder(
  client: PoolClient,
  tenant: Tenant,
  orderId: string,
): Promise<void> {
  await findOrder(client, tenant, orderId);
  await lockStream(client, orderId);
  await findOrder(client, tenant, orderId);
}

/**
 * Locks the order of a verification of the tenant until the transaction ends.
 * @returns the id of the order
 * @throws ApiError 404
 */
export async function lockOrderOfVerification(
  client: PoolClient,
  tenant: Tenant,
  verificationId: string,
): Promise<string> {
  const find = () => orderOfVerification(client, tenant, verificationId);
  const orderId = await find();
  if (orderId === undefined) throw notFound('verification');
  await lockStream(client, orderId);
  if ((await find()) === undefined) throw notFound('verification');
  return orderId;
}

async function lockStream(client: PoolClient, orderId: string): Promise<void> {
  await client.query('select from stream where id = $1 for update', [orderId]);
}
