import { inTransaction } from '@casewire/service';
import { crashPoint } from '@casewire/telemetry';
import type { Pool, PoolClient } from 'pg';

import type { LaneStore } from '../../model/lane-store.ts';
import { find } from './find.ts';
import { forgetItems, nextItems } from './found-items.ts';
import { closeReplay } from './replay.query.ts';
import { Position, type ReplayKind } from './replay.ts';

/** Lanes of a replay that are open at once, give or take a step: the endpoint's other lanes wait behind no more than these. */
const openLanesAtOnce = 2000;

interface JobRow {
  kind: ReplayKind;
  parameters: Record<string, string>;
  position: unknown;
  destination_id: string | null;
}

/**
 * Carries a replay on by one bounded step, whoever did the steps before. A step that ends anywhere is done again by
 * whoever comes next: what it found is noted along with where it got to, and what it put into lanes is passed over there.
 * @returns how many deliveries were put into lanes; null where another instance is at it, or nothing can be done now
 */
export function replayStep(
  pool: Pool,
  lanes: Pick<LaneStore, 'enqueueReplay'>,
  job: string,
  mostOpen: number = openLanesAtOnce,
): Promise<number | null> {
  return inTransaction(pool, async (client) => {
    const row = await takeOver(client, job);
    if (!row) return null;
    const position = Position.parse(row.position);
    switch (position.phase) {
      case 'find':
        await findSome(client, job, row, position);
        return 0;
      case 'queue':
        return queueSome(client, lanes, job, mostOpen);
      case 'wait':
        return null;
    }
  });
}

/** Only saves work: two that are at one replay send nothing twice, and nothing out of order. */
async function takeOver(client: PoolClient, job: string): Promise<JobRow | undefined> {
  const lock = await client.query<{ free: boolean }>(
    `select pg_try_advisory_xact_lock(hashtextextended('replay', $1::bigint)) as free`,
    [job],
  );
  if (!lock.rows[0]!.free) return undefined;
  const { rows } = await client.query<JobRow>(
    `select j.kind, j.parameters, j.position, t.id as destination_id
     from replay_job j left join destination t on t.endpoint_id = j.endpoint_id
     where j.id = $1 and j.state = 'running'`,
    [job],
  );
  return rows[0];
}

async function findSome(
  client: PoolClient,
  job: string,
  { kind, parameters, destination_id: destinationId }: JobRow,
  { after, until }: Extract<Position, { phase: 'find' }>,
): Promise<void> {
  // Locked against a cancellation: nothing is noted after it.
  const running = await client.query(
    `select from replay_job where id = $1 and state = 'running' for no key update`,
    [job],
  );
  if (running.rowCount === 0) return;
  const next: Position =
    destinationId === null
      ? { phase: 'queue' }
      : await find(client, { job, kind, parameters, destinationId, after, until });
  await moveTo(client, job, next);
  crashPoint('replay.found');
}

async function queueSome(
  client: PoolClient,
  lanes: Pick<LaneStore, 'enqueueReplay'>,
  job: string,
  mostOpen: number,
): Promise<number | null> {
  if ((await openLanes(client, job, mostOpen)) >= mostOpen) return null;
  const found = await nextItems(client, job);
  if (!found) {
    await moveTo(client, job, { phase: 'wait' });
    return 0;
  }
  const { destinationId, gone, items, last } = found;
  if (gone) {
    await closeReplay(client, job, 'failed');
    return 0;
  }
  const queued = items.length > 0 ? await lanes.enqueueReplay(job, destinationId, items) : 0;
  crashPoint('replay.queued');
  await forgetItems(client, job, last);
  return queued;
}

async function openLanes(client: PoolClient, job: string, atMost: number): Promise<number> {
  const { rows } = await client.query<{ open: number }>(
    `select count(*)::int as open from (
       select from lane where replay_job = $1 and replay_job > 0 and head <= tail limit $2) some_of_them`,
    [job, atMost],
  );
  return rows[0]!.open;
}

async function moveTo(client: PoolClient, job: string, position: Position): Promise<void> {
  await client.query(`update replay_job set position = $2 where id = $1 and state = 'running'`, [
    job,
    position,
  ]);
}
