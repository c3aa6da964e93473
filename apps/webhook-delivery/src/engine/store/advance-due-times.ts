import type { PoolClient } from 'pg';

import type { Tenant } from '../../model/tenant.ts';

/** What came nearer: lanes that wait for a retry, and destinations to which nothing is sent for a while. */
export interface Advanced {
  lanes: number;
  destinations: number;
}

/**
 * Brings what an owner's destinations wait for nearer by a time, as if it had passed: retries, and gates that a breaker or a
 * receiver closed. What is under way is not touched, and neither is the breaker of a host, which callback URLs of others may
 * share. Locked in this order: destinations by id, lanes by id.
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
