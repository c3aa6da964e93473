import { isCheckViolation, isDuplicate } from '@casewire/service';
import type { Pool } from 'pg';

const day = 24 * 60 * 60 * 1000;
const date = (time: number) => new Date(time).toISOString().slice(0, 10);
const nameOf = (time: number) => `attempt_${date(time).replaceAll('-', '')}`;

/**
 * Creates the partitions of `attempt` for today and the next days, one for each day (UTC).
 * @param days how many, including today
 */
export async function createAttemptPartitions(pool: Pool, now: Date, days = 7): Promise<void> {
  for (let time = now.getTime(); time < now.getTime() + days * day; time += day) {
    await pool
      .query(
        `create table if not exists ${nameOf(time)} partition of attempt
         for values from ('${date(time)} 00:00Z') to ('${date(time + day)} 00:00Z')`,
      )
      .catch((error: unknown) => {
        // Another instance created it at the same moment, or the default partition has rows of that day.
        if (!isDuplicate(error) && !isCheckViolation(error)) throw error;
      });
  }
}

/**
 * Drops the partitions of days that are too old. A partition with attempts of an open delivery stays until that is settled.
 * @param keptDays how long attempts are kept
 */
export async function dropAttemptPartitions(
  pool: Pool,
  now: Date,
  keptDays: number,
): Promise<void> {
  const oldest = now.getTime() - keptDays * day;
  const { rows } = await pool.query<{ name: string }>(
    `select c.relname as name from pg_inherits i join pg_class c on c.oid = i.inhrelid
     where i.inhparent = 'attempt'::regclass and c.relname ~ '^attempt_\\d{8}$' and c.relname < $1
     order by 1`,
    [nameOf(oldest)],
  );
  for (const { name } of rows) {
    const { rowCount: open } = await pool.query(
      `select from ${name} a join delivery d on d.id = a.delivery_id where d.state = 'pending' limit 1`,
    );
    if (open === 0) await pool.query(`drop table ${name}`);
  }
  // Attempts that were stored before their day had a partition.
  await pool.query(
    `delete from attempt_default a
     where started_at < $1 and not exists (
       select from delivery d where d.id = a.delivery_id and d.state = 'pending')`,
    [`${date(oldest)} 00:00Z`],
  );
}
