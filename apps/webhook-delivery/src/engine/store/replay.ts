import type { PoolClient } from 'pg';

import type { ReplayItem } from '../../model/lane-store.ts';
import { createLanes, lockLanes, insertDeliveries } from './insert-deliveries.ts';

/**
 * Appends deliveries to a replay's lanes of one destination. Lock order: the job, so that its cancellation waits; the events, so
 * that their erasure waits; the destination, so that its deletion waits; lanes by id.
 * @returns how many were appended
 */
export async function enqueueReplay(
  client: PoolClient,
  job: string,
  destinationId: string,
  items: readonly ReplayItem[],
): Promise<number> {
  const replay = await client.query<{ state: string }>(
    'select state from replay_job where id = $1 for share',
    [job],
  );
  if (replay.rows[0]?.state === 'canceled') return 0;
  const events = await client.query<{ id: string }>(
    'select id from event where id = any($1::uuid[]) and data is not null order by id for share',
    [items.map(({ eventId }) => eventId)],
  );
  const destination = await client.query(
    'select from destination where id = $1 and not deleted for key share',
    [destinationId],
  );
  if (destination.rowCount === 0) return 0;
  const stored = new Set(events.rows.map(({ id }) => id));
  const rows = items
    .filter(({ eventId }) => stored.delete(eventId))
    .map(({ lane, ...item }) => ({ ...item, ...lane, destinationId, replayJob: job }));
  if (rows.length === 0) return 0;
  await createLanes(client, rows);
  await lockLanes(client, rows);
  // A separate statement: it sees what another call appended to these lanes meanwhile.
  const present = await client.query<{ event_id: string }>(
    `select event_id from delivery
     where event_id = any($1::uuid[]) and destination_id = $2 and replay_job = $3`,
    [rows.map(({ eventId }) => eventId), destinationId, job],
  );
  const queued = new Set(present.rows.map(({ event_id }) => event_id));
  const missing = rows.filter(({ eventId }) => !queued.has(eventId));
  if (missing.length > 0) await insertDeliveries(client, missing);
  return missing.length;
}
