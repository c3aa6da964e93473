import type { Pool } from 'pg';

/** Deletes the notifications from before a moment, with their alerts. @returns how many notifications were deleted */
export async function deleteOldNotifications(pool: Pool, before: Date): Promise<number> {
  const { rows } = await pool.query<{ deleted: number }>(
    `with old as (delete from notification where created_at < $1 returning id),
     closed as (
       delete from alert
       where notification_id in (select id from old) or notification_id = 0 and last_at < $1
     )
     select count(*)::int as deleted from old`,
    [before],
  );
  return rows[0]!.deleted;
}
