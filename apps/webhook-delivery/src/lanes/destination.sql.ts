import type { Pool, PoolClient } from 'pg';

import type { Destination } from './lane-store.ts';

/** Registers or changes a destination; an older revision than the one that is known changes nothing. */
export async function upsertDestination(
  db: Pool | PoolClient,
  { endpointId, organizationId, environment, enabled, revision }: Destination,
): Promise<void> {
  await db.query(
    `insert into destination (endpoint_id, organization_id, environment, enabled, revision)
     values ($1, $2, $3, $4, $5)
     on conflict (endpoint_id) do update set enabled = excluded.enabled, revision = excluded.revision
     where destination.revision < excluded.revision`,
    [endpointId, organizationId, environment, enabled, revision],
  );
}
