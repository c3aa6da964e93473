import type { Pool } from 'pg';
import { expect } from 'vitest';

/** Resolves when this many statements of the database wait for a lock. */
export async function untilBlocked(pool: Pool, statements = 1): Promise<void> {
  await expect
    .poll(
      async () => {
        const { rowCount } = await pool.query(
          `select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`,
        );
        return rowCount;
      },
      { interval: 5, timeout: 10_000 },
    )
    .toBe(statements);
}
