import type { BlobStore } from '@casewire/blobs';
import type { Pool, PoolClient } from 'pg';

type Queryable = Pick<Pool | PoolClient, 'query'>;

/** Notes blobs that are to be removed after a while, unless they are forgiven before. */
export async function owe(
  db: Queryable,
  keys: readonly string[],
  after: string,
  isPrefix = false,
): Promise<void> {
  await db.query(
    `insert into pending_blob_deletion (key, is_prefix, due_at)
     select key, $2, now() + $3::interval from unnest($1::text[]) as k (key)
     on conflict (key) do update set due_at = least(pending_blob_deletion.due_at, excluded.due_at)`,
    [keys, isPrefix, after],
  );
}

/** What is still owed of these is due now; what was forgiven stays. */
export async function hasten(db: Queryable, keys: readonly string[]): Promise<void> {
  await db.query('update pending_blob_deletion set due_at = now() where key = any($1)', [keys]);
}

/** A committed case refers to these blobs now. */
export async function forgive(db: Queryable, keys: readonly string[]): Promise<void> {
  await db.query('delete from pending_blob_deletion where key = any($1)', [keys]);
}

/**
 * Removes the blobs that are due, each before its note: a crash between only means that it is removed again.
 * @returns how many there were
 */
export async function settleDebts(db: PoolClient, blobs: BlobStore, limit = 100): Promise<number> {
  const { rows } = await db.query<{ key: string; is_prefix: boolean }>(
    `select key, is_prefix from pending_blob_deletion where due_at <= now() order by due_at limit $1 for update skip locked`,
    [limit],
  );
  for (const { key, is_prefix: isPrefix } of rows) {
    await (isPrefix ? blobs.removeAll(key) : blobs.remove(key));
  }
  await forgive(
    db,
    rows.map(({ key }) => key),
  );
  return rows.length;
}
