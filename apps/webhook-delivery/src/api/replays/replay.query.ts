import { named } from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

import type { Tenant } from '../../model/tenant.ts';
import type { Position, ReplayKind, ReplayRow } from './replay.ts';

export interface NewReplay {
  tenant: Tenant;
  endpointId: string | null;
  kind: ReplayKind;
  parameters: Record<string, string>;
  position: Position;
}

/** SQL for the number of deliveries of a replay in each state. */
export const countsOf = (job: string): string => `
  (select coalesce(jsonb_object_agg(state, n), '{}') from (
    select state, count(*) as n from delivery where replay_job = ${job} and replay_job > 0 group by state) s)`;

const columns = `
  j.id, j.organization_id, j.environment, j.endpoint_id, j.kind, j.parameters, j.state, j.created_at, j.finished_at,
  coalesce(j.counts, ${countsOf('j.id')}) as counts`;

/** @returns the id of the replay */
export async function insertReplay(
  client: PoolClient,
  { tenant: { organizationId, environment }, endpointId, kind, parameters, position }: NewReplay,
): Promise<string> {
  const { rows } = await client.query<{ id: string }>(
    named(
      `insert into replay_job (organization_id, environment, endpoint_id, kind, parameters, position)
       values (:organizationId, :environment, :endpointId, :kind, :parameters, :position) returning id`,
      { organizationId, environment, endpointId, kind, parameters, position },
    ),
  );
  return rows[0]!.id;
}

export async function replayById(
  db: Pool | PoolClient,
  { organizationId, environment }: Tenant,
  id: string,
): Promise<ReplayRow | undefined> {
  const { rows } = await db.query<ReplayRow>(
    `select ${columns} from replay_job j where j.id = $3 and j.organization_id = $1 and j.environment = $2`,
    [organizationId, environment, id],
  );
  return rows[0];
}

export async function replayOfDeadLetter(
  client: PoolClient,
  deadLetterId: string,
): Promise<ReplayRow | undefined> {
  const { rows } = await client.query<ReplayRow>(
    `select ${columns} from replay_job j
     where j.kind = 'dead-letter' and j.parameters->>'deadLetterId' = $1`,
    [deadLetterId],
  );
  return rows[0];
}

/** The tenant's replays before an id, newest first. Returns one more than the limit if there are more. */
export async function replayList(
  pool: Pool,
  { organizationId, environment }: Tenant,
  limit: number,
  before: string | null,
): Promise<ReplayRow[]> {
  const { rows } = await pool.query<ReplayRow>(
    `select ${columns} from (
       select * from replay_job
       where organization_id = $1 and environment = $2 and id < coalesce($3::bigint, 9223372036854775807)
       order by id desc limit $4) j
     order by j.id desc`,
    [organizationId, environment, before, limit + 1],
  );
  return rows;
}

/** Ends a replay: it puts nothing more into its lanes. The counts of a canceled one are final. */
export async function closeReplay(
  client: PoolClient,
  id: string,
  state: 'canceled' | 'failed',
): Promise<void> {
  await client.query(
    `update replay_job set state = $2, finished_at = coalesce(finished_at, now()),
       counts = case when $2 = 'canceled' then ${countsOf('$1')} end
     where id = $1 and state in ('running', $2)`,
    [id, state],
  );
  await client.query('delete from replay_item where job = $1', [id]);
}

/** Completes the replays whose deliveries are all in lanes and settled. @returns how many */
export async function completeReplays(pool: Pool): Promise<number> {
  const { rowCount } = await pool.query(
    `update replay_job j set state = 'completed', finished_at = now(), counts = ${countsOf('j.id')}
     where state = 'running' and position->>'phase' = 'wait'
       and not exists (
         select from lane l where l.replay_job = j.id and l.replay_job > 0 and l.head <= l.tail)`,
  );
  return rowCount ?? 0;
}
