import type { Pool } from 'pg';

/** Removes notifications that were written before a moment, and the alerts that they told of; @returns how many notifications */
export async function deleteOldNotifications(pool: Pool, before: Date): Promise<number> {
  const { rows } = await pool.query<{ removed: number }>(
    `with old as (delete from notification where created_at < $1 returning id),
     told as (
       delete from alert n
       where notification_id in (select id from old) or notification_id = 0 and last_at < $1
     )
     select count(*)::int as removed from old`,
    [before],
  );
  return rows[0]!.removed;
}
