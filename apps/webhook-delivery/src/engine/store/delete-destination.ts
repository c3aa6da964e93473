import type { PoolClient } from 'pg';

import { cancelDestination } from './cancel.ts';

/**
 * Deletes a destination and cancels its open deliveries. Waits for batches that have locked it; deliveries of later batches are
 * canceled when they are ingested. An unregistered endpoint leaves a tombstone, because a batch that was matched before the
 * deletion may still be ingested.
 */
export async function deleteDestination(client: PoolClient, endpointId: string): Promise<void> {
  await client.query(
    `insert into destination (endpoint_id, organization_id, environment, enabled, revision)
     values ($1, '00000000-0000-0000-0000-000000000000', '', false, 0) on conflict (endpoint_id) do nothing`,
    [endpointId],
  );
  const { rows } = await client.query<{ id: string }>(
    'select id from destination where endpoint_id = $1 for update',
    [endpointId],
  );
  await client.query('update destination set deleted = true where id = $1', [rows[0]!.id]);
  await cancelDestination(client, rows[0]!.id);
}
