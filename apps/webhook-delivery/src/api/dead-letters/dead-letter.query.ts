import type { Pool, PoolClient } from 'pg';

import type { DeadLetter, DeadLetterRow } from './dead-letter.ts';

/** Stores a dead letter once, however often it is read. @returns whether it is new */
export async function storeDeadLetter(
  db: Pool | PoolClient,
  deadLetter: DeadLetter,
): Promise<boolean> {
  const { topic, partition, offset, key, headers, value, code, reason, receivedAt } = deadLetter;
  const { rowCount } = await db.query(
    `insert into dead_letter (topic, partition, record_offset, key, headers, value, code, reason, received_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing`,
    [topic, partition, offset, key, headers, value, code, reason, receivedAt],
  );
  return rowCount === 1;
}

const columns = `
  id, topic, partition, record_offset, key, headers, code, reason, received_at, replayed_at`;
/** Of each value a list shows so many bytes. */
const shownBytes = 4096;

export interface DeadLetterFilter {
  code?: string | undefined;
}

/** The letters of a topic, the newest first, from behind an id on; one more than the limit where there are more. */
export async function deadLetterList(
  pool: Pool,
  topic: string,
  { code }: DeadLetterFilter,
  limit: number,
  before: string | null,
): Promise<DeadLetterRow[]> {
  const { rows } = await pool.query<DeadLetterRow>(
    `select ${columns}, substring(value from 1 for ${shownBytes}) as value from dead_letter
     where topic = $1 and ($2::text is null or code = $2) and id < coalesce($3::bigint, 9223372036854775807)
     order by id desc limit $4`,
    [topic, code, before, limit + 1],
  );
  return rows;
}

export async function deadLetterById(
  pool: Pool,
  topic: string,
  id: string,
): Promise<DeadLetterRow | undefined> {
  const { rows } = await pool.query<DeadLetterRow>(
    `select ${columns}, value from dead_letter where topic = $1 and id = $2`,
    [topic, id],
  );
  return rows[0];
}

/** Locked against another replay of it. */
export async function lockDeadLetter(
  client: PoolClient,
  topic: string,
  id: string,
): Promise<DeadLetterRow | undefined> {
  const { rows } = await client.query<DeadLetterRow>(
    `select ${columns}, value from dead_letter where topic = $1 and id = $2 for update`,
    [topic, id],
  );
  return rows[0];
}

export async function markReplayed(client: PoolClient, id: string): Promise<void> {
  await client.query('update dead_letter set replayed_at = now() where id = $1', [id]);
}

/** Forgets letters as old as their topic keeps them. @returns how many */
export async function forgetDeadLetters(pool: Pool, olderThan: Date): Promise<number> {
  const { rowCount } = await pool.query('delete from dead_letter where received_at < $1', [
    olderThan,
  ]);
  return rowCount ?? 0;
}
