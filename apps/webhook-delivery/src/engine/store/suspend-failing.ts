import type { Pool, PoolClient } from 'pg';

import { emitSuspended } from '../delivery-events/delivery-event.sql.ts';

/**
 * Suspends endpoints from which nothing but failures came for a period, and still do: the last failure is no older than
 * half of it. One that was not called meanwhile is not suspended for its silence; a callback URL never is. Destinations are
 * locked in id order, and one that recovers or is suspended while this waits for it is left alone.
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
