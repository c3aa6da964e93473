import type { Pool, PoolClient } from 'pg';

import type { DeadLetterRow } from '../../intake/dead-letters/dead-letter.ts';

const columns = `
  id, topic, partition, record_offset, key, headers, code, reason, received_at, replayed_at`;
/** How many bytes of each value a list shows. */
const shownBytes = 4096;

export interface DeadLetterFilter {
  code?: string | undefined;
}

/** The dead letters of a topic before an id, newest first. Returns one more than the limit if there are more. */
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

/** Reads a dead letter and locks it, so that it is not replayed twice at the same time. */
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
