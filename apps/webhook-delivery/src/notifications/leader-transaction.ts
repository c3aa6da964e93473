import { inTransaction } from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

import { leaderLocks } from '../model/leader-locks.ts';

/**
 * Does the work of gathering alerts and writing notifications in a transaction, in one instance at a time.
 * @returns what `work` returns; null, without a call, while another instance does it
 */
export const inLeaderTransaction = <T>(
  pool: Pool,
  work: (client: PoolClient) => Promise<T>,
): Promise<T | null> =>
  inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ locked: boolean }>(
      'select pg_try_advisory_xact_lock($1, $2) as locked',
      [leaderLocks.space, leaderLocks.gatherAlerts],
    );
    return rows[0]!.locked ? work(client) : null;
  });
