import type { Actor } from '@casewire/contracts';
import { eraseResponses } from '@casewire/service';
import type { PoolClient } from 'pg';

import { execute } from '../order/order-repository.ts';

/** The tables with personal data, by order. */
const privateTables = ['order_private', 'employer_private', 'information_private'] as const;

/** Erases an order in the caller's transaction: its personal data are gone with the commit. */
export async function eraseOrder(
  client: PoolClient,
  orderId: string,
  { by, now }: { by: Actor; now: Date },
): Promise<void> {
  await execute(client, orderId, { type: 'DeleteOrder', by, now });
  await eraseResponses(client, orderId);
  for (const table of privateTables)
    await client.query(`delete from ${table} where order_id = $1`, [orderId]);
}
