import { named } from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

import type { DeadLetter } from './dead-letter.ts';

/** Stores a dead letter once, even if its record is consumed again. @returns whether it is new */
export async function storeDeadLetter(
  db: Pool | PoolClient,
  deadLetter: DeadLetter,
): Promise<boolean> {
  const { rowCount } = await db.query(
    named(
      `insert into dead_letter (topic, partition, record_offset, key, headers, value, code, reason, received_at)
       values (:topic, :partition, :offset, :key, :headers, :value, :code, :reason, :receivedAt) on conflict do nothing`,
      { ...deadLetter },
    ),
  );
  return rowCount === 1;
}

/** Deletes dead letters from before a moment. @returns how many */
export async function deleteOldDeadLetters(pool: Pool, before: Date): Promise<number> {
  const { rowCount } = await pool.query('delete from dead_letter where received_at < $1', [before]);
  return rowCount ?? 0;
}
