import type { PoolClient } from 'pg';

/** Records that an event is consumed, in the transaction that it changes. @returns false if it was consumed before */
export async function saveConsumedEvent(
  client: PoolClient,
  { source, id }: { source: string; id: string },
  now: Date,
): Promise<boolean> {
  const { rowCount } = await client.query(
    'insert into consumed_event (source, id, consumed_at) values ($1, $2, $3) on conflict do nothing',
    [source, id, now],
  );
  return rowCount === 1;
}

/** Deletes the records of events that no topic has any more. */
export async function deleteOldConsumedEvents(client: {
  query: PoolClient['query'];
}): Promise<void> {
  await client.query(`delete from consumed_event where consumed_at < now() - interval '30 days'`);
}
