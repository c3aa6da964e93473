import type { PoolClient } from 'pg';

import { EventRejected, type IncomingEvent } from '../../model/incoming-event.ts';
import type { IngestBatch } from '../../model/lane-store.ts';

/** An event with its deliveries, its partition and the read index. */
export type StoredEntry = IngestBatch['events'][number] &
  Pick<IngestBatch, 'partition' | 'registryOffset'>;
type Entries = readonly StoredEntry[];

const columns = `id, topic, key, type, version, organization_id, environment, feature, occurred_at, data, digest,
  traceparent, matched, record_offset, subject, correlation_id, callback_url, misplaced, registry_offset, partition`;

/**
 * Stores the events that are new and not below the cursor of their partition. The transaction has locked the cursor.
 * @returns the ids of the events that are new
 */
export async function storeEvents(client: PoolClient, entries: Entries): Promise<Set<string>> {
  if (entries.length === 0) return new Set();
  const first = new Map(entries.toReversed().map((entry) => [entry.event.id, entry]));
  return insertEvents(client, [...first.values()], false);
}

/**
 * Stores a new event, also below the cursor of its partition.
 * @throws EventRejected if the id was used for another event
 */
export async function storeEvent(client: PoolClient, entry: StoredEntry): Promise<void> {
  await freshEntries(client, [entry], await insertEvents(client, [entry], true));
}

/**
 * @param entries not below the cursor of their partition
 * @param added the ids of the new events
 * @returns the new ones, each once, in their order
 * @throws EventRejected if an id was used for another event
 */
export async function freshEntries(
  client: PoolClient,
  entries: Entries,
  added: ReadonlySet<string>,
): Promise<StoredEntry[]> {
  const first = new Map<string, StoredEntry>();
  for (const entry of entries) {
    const known = first.get(entry.event.id);
    if (!known) first.set(entry.event.id, entry);
    else if (!known.event.digest.equals(entry.event.digest)) throw reused(entry.event.id);
  }
  const [fresh, repeated] = [true, false].map((isNew) =>
    [...first.values()].filter(({ event }) => added.has(event.id) === isNew),
  ) as [StoredEntry[], StoredEntry[]];
  if (repeated.length > 0) await checkRepetitions(client, repeated);
  return fresh;
}

async function insertEvents(
  client: PoolClient,
  entries: Entries,
  belowCursors: boolean,
): Promise<Set<string>> {
  const events = entries.map(({ event }) => event);
  // By id: the same event may be on two partitions, and two transactions must not deadlock on their events.
  const { rows } = await client.query<{ id: string }>({
    name: 'store-events',
    text: `
      insert into event (${columns})
      select e.* from unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::int[], $6::uuid[], $7::text[],
        $8::text[], $9::timestamptz[], $10::jsonb[], $11::bytea[], $12::text[], $13::int[], $14::bigint[], $15::text[],
        $16::text[], $17::text[], $18::boolean[], $19::bigint[], $20::int[]) as e (${columns})
      join intake_cursor c on c.topic = e.topic and c.partition = e.partition
      where $21 or e.record_offset >= c.next_offset
      order by e.id
      on conflict (id) do nothing returning id`,
    values: [
      events.map(({ id }) => id),
      events.map(({ topic }) => topic),
      events.map(({ key }) => key),
      events.map(({ type }) => type),
      events.map(({ version }) => version),
      events.map(({ organizationId }) => organizationId),
      events.map(({ environment }) => environment),
      events.map(({ feature }) => feature ?? ''),
      events.map(({ occurredAt }) => occurredAt),
      events.map(({ data }) => JSON.stringify(data)),
      events.map(({ digest }) => digest),
      events.map(({ traceparent }) => traceparent),
      entries.map(({ deliveries }) => deliveries.length),
      events.map(({ offset }) => offset),
      events.map(({ subject }) => subject),
      events.map(({ correlationId }) => correlationId),
      entries.map(({ callbackUrl }) => callbackUrl),
      entries.map(({ misplaced }) => misplaced),
      entries.map(({ registryOffset }) => registryOffset),
      entries.map(({ partition }) => partition),
      belowCursors,
    ],
  });
  return new Set(rows.map(({ id }) => id));
}

async function checkRepetitions(client: PoolClient, repeated: Entries): Promise<void> {
  const { rows } = await client.query<{ id: string }>(
    `select e.id from event e join unnest($1::uuid[], $2::bytea[]) as r (id, digest) on r.id = e.id
     where e.digest <> r.digest limit 1`,
    [repeated.map(({ event }) => event.id), repeated.map(({ event }) => event.digest)],
  );
  if (rows[0]) throw reused(rows[0].id);
}

const reused = (id: IncomingEvent['id']) =>
  new EventRejected('EVENT_ID_REUSED', `the id of event ${id} was used for another event`);
