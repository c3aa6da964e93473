import type { GiveInformation } from '@casewire/contracts';
import type { PoolClient } from 'pg';

/** Stores what was given to a verification. It is deleted with the order. */
export async function saveInformation(
  client: PoolClient,
  { informationId, orderId }: { informationId: string; orderId: string },
  { data }: GiveInformation,
): Promise<void> {
  await client.query(
    'insert into information_private (information_id, order_id, data) values ($1, $2, $3)',
    [informationId, orderId, JSON.stringify(data)],
  );
}
