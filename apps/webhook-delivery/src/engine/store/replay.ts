import type { PoolClient } from 'pg';

import type { ReplayItem } from '../../model/lane-store.ts';
import { createLanes, lockLanes, insertDeliveries } from './insert-deliveries.ts';

/**
 * Puts deliveries into a job's lanes of one destination. Locked in this order: the job against its cancellation, events
 * against their erasure, the destination against its deletion, lanes in id order.
 * @returns how many were put
 */
export async function enqueueReplay(
  client: PoolClient,
  job: string,
  destinationId: string,
  items: readonly ReplayItem[],
): Promise<number> {
  const known = await client.query<{ state: string }>(
    'select state from replay_job where id = $1 for share',
    [job],
  );
  if (known.rows[0]?.state === 'canceled') return 0;
  const events = await client.query<{ id: string }>(
    'select id from event where id = any($1::uuid[]) and data is not null order by id for share',
    [items.map(({ eventId }) => eventId)],
  );
  const destination = await client.query(
    'select from destination where id = $1 and not deleted for key share',
    [destinationId],
  );
  if (destination.rowCount === 0) return 0;
  const there = new Set(events.rows.map(({ id }) => id));
  const rows = items
    .filter(({ eventId }) => there.delete(eventId))
    .map(({ lane, ...item }) => ({ ...item, ...lane, destinationId, replayJob: job }));
  if (rows.length === 0) return 0;
  await createLanes(client, rows);
  await lockLanes(client, rows);
  // In a statement of its own: what another call put into these lanes meanwhile is seen.
  const present = await client.query<{ event_id: string }>(
    `select event_id from delivery
     where event_id = any($1::uuid[]) and destination_id = $2 and replay_job = $3`,
    [rows.map(({ eventId }) => eventId), destinationId, job],
  );
  const queued = new Set(present.rows.map(({ event_id }) => event_id));
  const fresh = rows.filter(({ eventId }) => !queued.has(eventId));
  if (fresh.length > 0) await insertDeliveries(client, fresh);
  return fresh.length;
}
