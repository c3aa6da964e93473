import { isCheckViolation, isDuplicate } from '@casewire/service';
import type { Pool } from 'pg';

const day = 24 * 60 * 60 * 1000;
const date = (time: number) => new Date(time).toISOString().slice(0, 10);
const nameOf = (time: number) => `attempt_${date(time).replaceAll('-', '')}`;

/** Makes sure that attempts of today and of the coming days have partitions of their own, one a day (UTC). */
export async function createAttemptPartitions(pool: Pool, now: Date, days = 7): Promise<void> {
  for (let time = now.getTime(); time < now.getTime() + days * day; time += day) {
    await pool
      .query(
        `create table if not exists ${nameOf(time)} partition of attempt
         for values from ('${date(time)} 00:00Z') to ('${date(time + day)} 00:00Z')`,
      )
      .catch((error: unknown) => {
        // Another instance created it in the same moment, or rows of that day are in the default partition.
        if (!isDuplicate(error) && !isCheckViolation(error)) throw error;
      });
  }
}

/**
 * Drops the days that are older than what is kept; one of which a delivery is still open stays as long as that is so.
 * @param keptDays how long attempts can be looked up
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
  // What came before its day had a partition.
  await pool.query(
    `delete from attempt_default a
     where started_at < $1 and not exists (
       select from delivery d where d.id = a.delivery_id and d.state = 'pending')`,
    [`${date(oldest)} 00:00Z`],
  );
}
