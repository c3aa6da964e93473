import type { PoolClient } from 'pg';

import { EventRejected, type IncomingEvent } from '../../model/incoming-event.ts';
import type { IngestBatch } from '../../model/lane-store.ts';

/** An event with what it was matched to, and where it came from. */
export type StoredEntry = IngestBatch['events'][number] &
  Pick<IngestBatch, 'partition' | 'registryOffset'>;
type Entries = readonly StoredEntry[];

const columns = `id, topic, key, type, version, organization_id, environment, feature, occurred_at, data, digest,
  traceparent, matched, record_offset, subject, correlation_id, callback_url, misplaced, registry_offset, partition`;

/**
 * Stores the events that are not known yet and not below the cursor of their partition, which the transaction holds.
 * @returns the ids of the events that are new
 */
export async function storeEvents(client: PoolClient, entries: Entries): Promise<Set<string>> {
  if (entries.length === 0) return new Set();
  const first = new Map(entries.toReversed().map((entry) => [entry.event.id, entry]));
  return insertEvents(client, [...first.values()], false);
}

/**
 * Stores an event that is not known yet, wherever the cursor of its partition is.
 * @throws EventRejected for an id that was used for another event
 */
export async function storeEvent(client: PoolClient, entry: StoredEntry): Promise<void> {
  await freshEntries(client, [entry], await insertEvents(client, [entry], true));
}

/**
 * @param entries that are not below the cursor of their partition
 * @param added the ids of the events that are new
 * @returns those that are new, in their order
 * @throws EventRejected for an id that was used for another event
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
  // In the order of their ids: records of one event may come on two partitions, and must not wait for each other crosswise.
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
