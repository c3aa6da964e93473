import type { BlobStore } from '@casewire/blobs';
import type { Pool, PoolClient } from 'pg';

type Queryable = Pick<Pool | PoolClient, 'query'>;

/**
 * Schedules blobs for deletion, unless that is canceled first. A blob that is scheduled already keeps the earlier time.
 * @param after an interval of PostgreSQL, such as '1 hour'
 * @param isPrefix whether the keys are prefixes, of which all blobs are deleted
 */
export async function scheduleDeletion(
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

/** Makes the given deletions due now, except those that are no longer scheduled. */
export async function expediteDeletion(db: Queryable, keys: readonly string[]): Promise<void> {
  await db.query('update pending_blob_deletion set due_at = now() where key = any($1)', [keys]);
}

/** Cancels deletions: a committed case refers to these blobs. */
export async function cancelDeletion(db: Queryable, keys: readonly string[]): Promise<void> {
  await db.query('delete from pending_blob_deletion where key = any($1)', [keys]);
}

/**
 * Deletes the blobs that are due, each before its row: after a crash in between it is only deleted again.
 * @returns how many rows there were; a prefix counts as one
 */
export async function deleteDueBlobs(
  db: PoolClient,
  blobs: BlobStore,
  limit = 100,
): Promise<number> {
  const { rows } = await db.query<{ key: string; is_prefix: boolean }>(
    `select key, is_prefix from pending_blob_deletion where due_at <= now() order by due_at limit $1 for update skip locked`,
    [limit],
  );
  for (const { key, is_prefix: isPrefix } of rows) {
    await (isPrefix ? blobs.removeAll(key) : blobs.remove(key));
  }
  await cancelDeletion(
    db,
    rows.map(({ key }) => key),
  );
  return rows.length;
}
