import type { Pool } from 'pg';

/** Removes letters that were written before a moment, and the notices that they told of; @returns how many letters */
export async function removeLetters(pool: Pool, before: Date): Promise<number> {
  const { rows } = await pool.query<{ removed: number }>(
    `with old as (delete from letter where created_at < $1 returning id),
     told as (
       delete from notice n
       where letter_id in (select id from old) or letter_id = 0 and last_at < $1
     )
     select count(*)::int as removed from old`,
    [before],
  );
  return rows[0]!.removed;
}
