import type { SuspensionReason } from '@casewire/contracts';
import type { Pool } from 'pg';

import { openLanesOf } from '../../engine/store/lane-row.ts';

export interface HealthRow {
  suspended_at: Date | null;
  suspension: SuspensionReason | null;
  failing_since: Date | null;
  delivered_at: Date | null;
  paused_until: Date | null;
  in_flight_limit: number;
  pending: string;
  blocked: number;
}

/**
 * The health of an endpoint; undefined before its first change or event was processed. Open deliveries are counted from the
 * heads and tails of its lanes.
 */
export async function endpointHealth(
  pool: Pool,
  endpointId: string,
): Promise<HealthRow | undefined> {
  const { rows } = await pool.query<HealthRow>(
    `select t.suspended_at, t.suspension, t.failing_since, t.delivered_at, t.in_flight_limit,
       case when t.gate_until > now() then t.gate_until end as paused_until,
       (select coalesce(sum(tail - head + 1), 0)::bigint from lane where id in (${openLanesOf('t.id')})) as pending,
       (select count(*)::int from lane where destination_id = t.id and blocked) as blocked
     from destination t where t.endpoint_id = $1 and not t.deleted`,
    [endpointId],
  );
  return rows[0];
}
