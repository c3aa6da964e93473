import { inTransaction } from '@casewire/service';
import { crashPoint } from '@casewire/telemetry';
import type { Pool, PoolClient } from 'pg';

import type { LaneStore } from '../../model/lane-store.ts';
import { findDeliveries } from './find-deliveries.ts';
import { deleteItems, nextItems } from './found-items.ts';
import { closeReplay } from './replay.query.ts';
import { Position, type ReplayKind } from './replay.ts';

/** If so many lanes of a replay are open, no step opens more of them: they compete with the endpoint's other lanes. */
const defaultMaxOpenLanes = 2000;

interface JobRow {
  kind: ReplayKind;
  parameters: Record<string, string>;
  position: unknown;
  destination_id: string | null;
}

/**
 * Does one bounded step of a replay; any instance can do the next one. A step that was interrupted is repeated: the items
 * that it found are stored together with its position, and deliveries that are in their lanes already are skipped.
 * @param maxOpenLanes how many lanes of the replay may be open at the same time
 * @returns how many deliveries were put into lanes; null if another instance has the replay locked, or nothing can be done now
 */
export function replayStep(
  pool: Pool,
  store: Pick<LaneStore, 'enqueueReplay'>,
  job: string,
  maxOpenLanes: number = defaultMaxOpenLanes,
): Promise<number | null> {
  return inTransaction(pool, async (client) => {
    const row = await lockJob(client, job);
    if (!row) return null;
    const position = Position.parse(row.position);
    switch (position.phase) {
      case 'find':
        await findSome(client, job, row, position);
        return 0;
      case 'queue':
        return queueSome(client, store, job, maxOpenLanes);
      case 'wait':
        return null;
    }
  });
}

/** The lock only saves work: two instances that execute the same replay send nothing twice, and nothing out of order. */
async function lockJob(client: PoolClient, job: string): Promise<JobRow | undefined> {
  const lock = await client.query<{ locked: boolean }>(
    `select pg_try_advisory_xact_lock(hashtextextended('replay', $1::bigint)) as locked`,
    [job],
  );
  if (!lock.rows[0]!.locked) return undefined;
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
  // A cancellation waits for this lock; after a cancellation no item is stored.
  const running = await client.query(
    `select from replay_job where id = $1 and state = 'running' for no key update`,
    [job],
  );
  if (running.rowCount === 0) return;
  const next: Position =
    destinationId === null
      ? { phase: 'queue' }
      : await findDeliveries(client, { job, kind, parameters, destinationId, after, until });
  await setPosition(client, job, next);
  crashPoint('replay.found');
}

async function queueSome(
  client: PoolClient,
  store: Pick<LaneStore, 'enqueueReplay'>,
  job: string,
  maxOpenLanes: number,
): Promise<number | null> {
  if ((await openLanes(client, job, maxOpenLanes)) >= maxOpenLanes) return null;
  const found = await nextItems(client, job);
  if (!found) {
    await setPosition(client, job, { phase: 'wait' });
    return 0;
  }
  const { destinationId, deleted, items, last } = found;
  if (deleted) {
    await closeReplay(client, job, 'failed');
    return 0;
  }
  const queued = items.length > 0 ? await store.enqueueReplay(job, destinationId, items) : 0;
  crashPoint('replay.queued');
  await deleteItems(client, job, last);
  return queued;
}

async function openLanes(client: PoolClient, job: string, limit: number): Promise<number> {
  const { rows } = await client.query<{ open: number }>(
    `select count(*)::int as open from (
       select from lane where replay_job = $1 and replay_job > 0 and head <= tail limit $2) open_lanes`,
    [job, limit],
  );
  return rows[0]!.open;
}

async function setPosition(client: PoolClient, job: string, position: Position): Promise<void> {
  await client.query(`update replay_job set position = $2 where id = $1 and state = 'running'`, [
    job,
    position,
  ]);
}
