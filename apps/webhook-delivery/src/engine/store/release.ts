import type { Pool, PoolClient } from 'pg';

import type { ClaimedHead } from '../../model/lane-store.ts';

/**
 * Releases claimed heads without a request. Lanes are locked by id, and only if the lease holder still has them in the epoch of the
 * claim. @returns how many were released
 */
export async function release(
  db: Pool | PoolClient,
  leaseHolder: string,
  heads: readonly Pick<ClaimedHead, 'laneId' | 'epoch'>[],
): Promise<number> {
  const { rowCount } = await db.query(
    `with leased as (
       select l.id from lane l join unnest($2::bigint[], $3::bigint[]) as h (lane_id, epoch)
         on h.lane_id = l.id and h.epoch = l.epoch
       where l.lease_holder = $1 order by l.id for update of l
     )
     update lane l set lease_holder = null, leased_until = '-infinity', attempts = l.attempts - 1
     from leased e where l.id = e.id`,
    [leaseHolder, heads.map(({ laneId }) => laneId), heads.map(({ epoch }) => epoch)],
  );
  return rowCount ?? 0;
}
