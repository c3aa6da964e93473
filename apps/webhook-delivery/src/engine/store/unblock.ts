import type { PoolClient } from 'pg';

import { emitExhausted } from '../delivery-events/delivery-event.sql.ts';

/**
 * Decides on the head of a lane that is blocked.
 * @returns whether the lane was blocked, with that delivery at its head where one is named
 */
export async function unblock(
  client: PoolClient,
  blocked: { laneId: string } | { deliveryId: string },
  decision: 'retry' | 'skip',
): Promise<boolean> {
  const lane = await client.query<{ id: string; head: string }>(
    'laneId' in blocked
      ? 'select id, head from lane where id = $1 and blocked for update'
      : `select id, head from lane
         where blocked and (id, head) = (select lane_id, seq from delivery where id = $1) for update`,
    ['laneId' in blocked ? blocked.laneId : blocked.deliveryId],
  );
  const [row] = lane.rows;
  if (!row) return false;
  if (decision === 'retry') {
    await client.query(
      'update lane set blocked = false, attempts = 0, next_at = now() where id = $1',
      [row.id],
    );
    return true;
  }
  await client.query(
    `with skipped as (
       update delivery set state = 'exhausted', settled_at = now() where lane_id = $1 and seq = $2
       returning id as delivery_id, destination_id, attempts, last_status, last_error
     ),
     undelivered as (insert into undelivered (destination_id, delivery_id) select destination_id, delivery_id from skipped),
     told as (${emitExhausted('skipped')})
     update lane set blocked = false, attempts = 0, next_at = now(), head = head + 1, gap = gap + 1 where id = $1`,
    [row.id, row.head],
  );
  return true;
}
