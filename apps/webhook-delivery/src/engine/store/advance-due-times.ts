import type { PoolClient } from 'pg';

import type { Tenant } from '../../model/tenant.ts';

/** How many waiting lanes and closed gates were advanced. */
export interface Advanced {
  lanes: number;
  destinations: number;
}

/**
 * Advances the due times of a tenant's destinations, as if the seconds had passed: of retries, and of gates that a breaker or a
 * receiver closed. Leased lanes do not change, nor does the breaker of a host, which callback URLs of other tenants may share.
 * Lock order: destinations by id, lanes by id.
 */
export async function advanceDueTimes(
  client: PoolClient,
  { organizationId, environment }: Tenant,
  seconds: number,
): Promise<Advanced> {
  const { rows: destinations } = await client.query<{ id: string }>(
    `select id from destination
     where organization_id = $1 and environment = $2 and not deleted
     order by id for no key update`,
    [organizationId, environment],
  );
  const ids = destinations.map(({ id }) => id);
  const gates = await client.query(
    `update destination set gate_until = gate_until - make_interval(secs => $2)
     where id = any($1::bigint[]) and gate_until > now()`,
    [ids, seconds],
  );
  const waiting = 'head <= tail and not blocked and lease_holder is null and next_at > now()';
  const { rows: lanes } = await client.query<{ id: string }>(
    `select id from lane where destination_id = any($1::bigint[]) and ${waiting} order by id for update`,
    [ids],
  );
  const moved = await client.query(
    `update lane set next_at = next_at - make_interval(secs => $2)
     where id = any($1::bigint[]) and ${waiting}`,
    [lanes.map(({ id }) => id), seconds],
  );
  return { lanes: moved.rowCount ?? 0, destinations: gates.rowCount ?? 0 };
}
