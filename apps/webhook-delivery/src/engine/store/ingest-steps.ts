import { pipelined } from '@casewire/service';
import type { PoolClient } from 'pg';

import type { ClaimedHead, IngestBatch, IngestResult } from '../../model/lane-store.ts';
import { cancelLocked } from './cancel.ts';
import { createLanes, lockLanes, insertDeliveries, type DeliveryRow } from './insert-deliveries.ts';
import {
  destinationKey,
  type LockedDestination,
  type TenantDestination,
} from './lock-destinations.ts';
import type { StoredEntry } from './store-events.ts';

export interface EnqueuedDelivery extends DeliveryRow {
  deleted: boolean;
}

export interface IngestBatchesResult {
  /** What was new of each batch, in their order. */
  batches: Omit<IngestResult, 'heads'>[];
  /** The ids of the destinations that were locked, by name. */
  destinations: ReadonlyMap<string, string>;
  /** What was claimed: read by the last statement, which is under way. */
  heads: Promise<ClaimedHead[]>;
}

export const rowsOf = (
  entries: readonly StoredEntry[],
  destinations: ReadonlyMap<string, LockedDestination>,
): EnqueuedDelivery[] =>
  entries.flatMap(({ event: { id: eventId, topic }, lane, deliveries }) =>
    deliveries.map(({ destination, ...pinned }) => {
      const { id: destinationId, deleted } = destinations.get(destinationKey(destination))!;
      return { ...pinned, ...lane, eventId, topic, destinationId, deleted, replayJob: '0' };
    }),
  );

export const cursorKey = ({ topic, partition }: Pick<IngestBatch, 'topic' | 'partition'>): string =>
  `${topic}/${partition}`;

/** Holds the partitions' cursors, in their order: whoever holds several holds them so. */
export async function lockCursors(
  client: PoolClient,
  batches: readonly IngestBatch[],
): Promise<Map<string, bigint>> {
  const values = [batches.map(({ topic }) => topic), batches.map(({ partition }) => partition)];
  const [, { rows }] = await pipelined([
    client.query({
      name: 'create-cursors',
      text: `
        insert into intake_cursor (topic, partition, next_offset)
        select t, p, 0 from unnest($1::text[], $2::int[]) as b (t, p)
        where not exists (select from intake_cursor c where c.topic = t and c.partition = p)
        order by t, p on conflict do nothing`,
      values,
    }),
    client.query<{ topic: string; partition: number; next_offset: string }>({
      name: 'hold-cursors',
      text: `
        select topic, partition, next_offset from intake_cursor
        where (topic, partition) in (select * from unnest($1::text[], $2::int[]))
        order by topic, partition for update`,
      values,
    }),
  ]);
  return new Map(rows.map((row) => [cursorKey(row), BigInt(row.next_offset)]));
}

export async function moveCursors(
  client: PoolClient,
  batches: readonly IngestBatch[],
): Promise<void> {
  await client.query({
    name: 'move-cursors',
    text: `
      update intake_cursor c set next_offset = greatest(c.next_offset, b.next_offset)
      from unnest($1::text[], $2::int[], $3::bigint[]) as b (topic, partition, next_offset)
      where (c.topic, c.partition) = (b.topic, b.partition)`,
    values: [
      batches.map(({ topic }) => topic),
      batches.map(({ partition }) => partition),
      batches.map(({ nextOffset }) => nextOffset),
    ],
  });
}

export const entriesOf = ({ events, partition, registryOffset }: IngestBatch): StoredEntry[] =>
  events.map((entry) => ({ ...entry, partition, registryOffset }));

export const countsOf = (entries: IngestBatch['events']) => ({
  events: entries.length,
  deliveries: entries.reduce((sum, { deliveries }) => sum + deliveries.length, 0),
});

export const destinationIdsOf = (rows: readonly EnqueuedDelivery[]): string[] => [
  ...new Set(rows.map(({ destinationId }) => destinationId)),
];

export const destinationsOf = (entries: readonly StoredEntry[]): TenantDestination[] =>
  entries.flatMap(({ event, deliveries }) =>
    deliveries.map(({ destination }) => ({ ...event, destination })),
  );

/** Puts deliveries into their lanes; those for a destination that was deleted are canceled. */
export async function enqueueDeliveries(
  client: PoolClient,
  rows: readonly EnqueuedDelivery[],
): Promise<void> {
  if (rows.length === 0) return;
  await pipelined([
    createLanes(client, rows),
    lockLanes(client, rows),
    addDeliveries(client, rows),
  ]);
}

export async function addDeliveries(
  client: PoolClient,
  rows: readonly EnqueuedDelivery[],
): Promise<void> {
  const gone = rows.filter(({ deleted }) => deleted);
  await pipelined([
    rows.length > 0 && insertDeliveries(client, rows),
    gone.length > 0 && cancelLocked(client, gone),
  ]);
}
