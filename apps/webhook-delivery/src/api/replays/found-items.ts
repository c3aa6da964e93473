import type { DialectName } from '@casewire/contracts';
import type { PoolClient } from 'pg';

import type { ReplayItem } from '../../model/lane-store.ts';

/** The most items that one step puts into lanes, and the most bytes of their bodies, not counting the last one. */
const maxItems = 500;
const maxBytes = 8 * 1024 * 1024;

/** The next items that a replay found, in order. */
export interface FoundItems {
  destinationId: string;
  /** Whether the destination was deleted. */
  deleted: boolean;
  items: ReplayItem[];
  /** The position of the last item. */
  last: { laneId: string; seq: string };
}

interface ItemRow {
  lane_id: string;
  seq: string;
  destination_id: string;
  deleted: boolean;
  event_id: string;
  topic: string;
  key: string;
  feature: string;
  dialect: DialectName;
  version: number;
  headers: Record<string, string>;
  body: Buffer | null;
  fault: string | null;
}

/** @returns undefined if no item is left */
export async function nextItems(client: PoolClient, job: string): Promise<FoundItems | undefined> {
  const { rows } = await client.query<ItemRow>(
    // Each row is looked up: `limit 1` keeps the planner from a join that reads whole tables.
    `select n.lane_id, n.seq, n.destination_id, t.deleted, n.event_id, l.topic, l.key, l.feature, n.dialect, n.version,
       n.headers, n.body, n.fault
     from (
       select i.lane_id, i.seq, d.*,
         sum(octet_length(d.body)) over (order by i.lane_id, i.seq) - octet_length(d.body) as bytes_before
       from (select * from replay_item where job = $1 order by lane_id, seq limit $2) i
       cross join lateral (
         select destination_id, event_id, dialect, version, headers, body, fault from delivery
         where id = i.delivery_id limit 1) d
     ) n
     cross join lateral (select topic, key, feature from lane where id = n.lane_id limit 1) l
     cross join lateral (select deleted from destination where id = n.destination_id limit 1) t
     where coalesce(n.bytes_before, 0) < $3
     order by n.lane_id, n.seq`,
    [job, maxItems, maxBytes],
  );
  const last = rows.at(-1);
  if (!last) return undefined;
  return {
    destinationId: last.destination_id,
    deleted: last.deleted,
    items: rows.flatMap((row) => (row.body === null ? [] : [itemOf(row, row.body)])),
    last: { laneId: last.lane_id, seq: last.seq },
  };
}

const itemOf = (row: ItemRow, body: Buffer): ReplayItem => ({
  eventId: row.event_id,
  topic: row.topic,
  lane: { key: row.key, feature: row.feature },
  dialect: row.dialect,
  version: row.version,
  headers: row.headers,
  body,
  fault: row.fault,
});

/** Deletes the items up to a position: they are in their lanes. */
export async function deleteItems(
  client: PoolClient,
  job: string,
  { laneId, seq }: FoundItems['last'],
): Promise<void> {
  await client.query(
    'delete from replay_item where job = $1 and (lane_id, seq) <= ($2::bigint, $3::bigint)',
    [job, laneId, seq],
  );
}
