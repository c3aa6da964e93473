import type { Pool, PoolClient } from 'pg';

/**
 * Locks the position of a partition until the end of the transaction.
 * @returns the offset after the last record that was ingested; 0 before the first one
 */
export async function lockPosition(client: PoolClient, partition: number): Promise<bigint> {
  await client.query(
    'insert into verification_position (partition, next_offset) values ($1, 0) on conflict do nothing',
    [partition],
  );
  const { rows } = await client.query<{ next_offset: string }>(
    'select next_offset from verification_position where partition = $1 for update',
    [partition],
  );
  return BigInt(rows[0]!.next_offset);
}

/** Raises the position of a partition; one that is there already or beyond stays. */
export async function raisePosition(
  db: Pick<Pool | PoolClient, 'query'>,
  partition: number,
  nextOffset: bigint,
): Promise<void> {
  await db.query(
    `insert into verification_position as p (partition, next_offset) values ($1, $2)
     on conflict (partition) do update set next_offset = excluded.next_offset
       where p.next_offset < excluded.next_offset`,
    [partition, nextOffset],
  );
}

/** The offset after the last record that was ingested, by partition. A partition of which none was is missing. */
export async function positions(pool: Pool): Promise<Map<number, bigint>> {
  const { rows } = await pool.query<{ partition: number; next_offset: string }>(
    'select partition, next_offset from verification_position',
  );
  return new Map(rows.map((row) => [row.partition, BigInt(row.next_offset)]));
}
