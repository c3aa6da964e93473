import type { Pool } from 'pg';

const day = 24 * 60 * 60 * 1000;
const date = (time: number) => new Date(time).toISOString().slice(0, 10);

/** Makes sure that attempts of today and of the coming days have partitions of their own, one a day. */
export async function createAttemptPartitions(pool: Pool, now: Date, days = 7): Promise<void> {
  for (let i = 0; i < days; i++) {
    const from = date(now.getTime() + i * day);
    const to = date(now.getTime() + (i + 1) * day);
    await pool
      .query(
        `create table if not exists attempt_${from.replaceAll('-', '')} partition of attempt
         for values from ('${from}') to ('${to}')`,
      )
      .catch((error: { code?: string }) => {
        // Another instance created it in the same moment, or rows of that day are in the default partition.
        if (error.code !== '42P07' && error.code !== '23505' && error.code !== '23514') throw error;
      });
  }
}
