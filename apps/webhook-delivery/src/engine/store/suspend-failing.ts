import type { Pool, PoolClient } from 'pg';

import { emitSuspended } from '../delivery-events/delivery-event.sql.ts';

/**
 * Suspends endpoints that have only failed for a period, and failed recently: within the last half of the period. An endpoint that
 * was not called lately is not suspended, nor is a callback URL. Destinations are locked by id; one that recovers or is
 * suspended while this statement waits for it is skipped.
 * @param periodMs in milliseconds
 * @returns how many were suspended
 */
export async function suspendFailing(
  db: Pool | PoolClient,
  now: Date,
  periodMs: number,
): Promise<number> {
  const { rowCount } = await db.query(
    `with failing as (
       select id from destination
       where endpoint_id is not null and not deleted and enabled and suspended_at is null
         and failing_since <= $1 and failed_at >= $2
       order by id for no key update
     ),
     suspended as (
       update destination d set suspended_at = now(), suspension = 'failing' from failing f where d.id = f.id
       returning d.*
     )
     ${emitSuspended('suspended')}`,
    [new Date(now.getTime() - periodMs), new Date(now.getTime() - periodMs / 2)],
  );
  return rowCount!;
}
