import { pipelined } from '@casewire/service';
import type { PoolClient } from 'pg';

import type { ClaimOffer, IngestBatch, IngestResult } from '../../model/lane-store.ts';
import { eraseKeys, lockEvents, lanesOfKeys } from './cancel.ts';
import { claimFrom, lockOpenDestinations } from './claim.ts';
import {
  addDeliveries,
  countsOf,
  cursorKey,
  entriesOf,
  destinationIdsOf,
  lockCursors,
  moveCursors,
  enqueueDeliveries,
  rowsOf,
  destinationsOf,
  type IngestBatchesResult,
  type EnqueuedDelivery,
} from './ingest-steps.ts';
import { createLanes, lockLanes } from './insert-deliveries.ts';
import { lockDestinations } from './lock-destinations.ts';
import { freshEntries, storeEvents, type StoredEntry } from './store-events.ts';

/** Ingests a batch of one partition, in the caller's transaction. */
export async function ingest(
  client: PoolClient,
  batch: IngestBatch,
  offer?: ClaimOffer,
): Promise<IngestResult> {
  const { batches, heads } = await ingestBatches(client, [batch], offer);
  return { ...batches[0]!, heads: await heads };
}

/**
 * Ingests batches of several partitions, in the caller's transaction. In this order: the partitions' cursors, events,
 * destinations, lanes by id in a separate statement (so that the next one reads what this one waited for), deliveries, the
 * cursors; then, with an offer, a claim, which skips locked rows. Statements that do not need each other's results are
 * pipelined; they are executed in the order in which they are written here.
 * @throws EventRejected if an id was used for another event
 */
export async function ingestBatches(
  client: PoolClient,
  batches: readonly IngestBatch[],
  offer?: ClaimOffer,
): Promise<IngestBatchesResult> {
  const entries = batches.map(entriesOf);
  const erases = entries.flat().some(isErasing);
  const [cursors, added, locked] = await pipelined([
    lockCursors(client, batches),
    storeEvents(client, entries.flat()),
    // An erasure locks events before destinations.
    erases ? undefined : lockDestinations(client, destinationsOf(entries.flat())),
  ]);
  const unseen = entries.map((some, index) => {
    const cursor = cursors.get(cursorKey(batches[index]!))!;
    return some.filter(({ event }) => event.offset >= cursor);
  });
  const fresh = await freshEntries(client, unseen.flat(), added);
  const erasures = Map.groupBy(fresh.filter(isErasing), ({ event }) => event.topic);
  for (const [topic, erasing] of erasures) await lockEvents(client, topic, keysOf(erasing));
  const destinations = locked ?? (await lockDestinations(client, destinationsOf(fresh)));
  const rows = rowsOf(fresh, destinations);
  const destinationIds = destinationIdsOf(rows);
  if (erasures.size > 0) await enqueueAndErase(client, rows, erasures);
  const [, , open] = await pipelined([
    erasures.size > 0 ? undefined : enqueueDeliveries(client, rows),
    moveCursors(client, batches),
    offer && offer.slots > 0 && destinationIds.length > 0
      ? lockOpenDestinations(client, offer, destinationIds)
      : [],
  ]);
  const isFresh = new Set(fresh);
  return {
    batches: batches.map(({ events }, index) => {
      const some = unseen[index]!.filter((entry) => isFresh.has(entry));
      return { ...countsOf(some), skipped: events.length - unseen[index]!.length };
    }),
    destinations: new Map([...destinations].map(([key, { id }]) => [key, id])),
    ...(offer ? await claimFrom(client, offer, open) : { heads: Promise.resolve([]) }),
  };
}

/** Appends deliveries, and erases keys before the events of their erasure are appended. */
async function enqueueAndErase(
  client: PoolClient,
  rows: readonly EnqueuedDelivery[],
  erasures: ReadonlyMap<string, readonly StoredEntry[]>,
): Promise<void> {
  if (rows.length > 0) await createLanes(client, rows);
  const emptied: string[] = [];
  for (const [topic, erasing] of erasures)
    emptied.push(...(await lanesOf(client, topic, keysOf(erasing))));
  await lockLanes(client, rows, emptied);
  // The event of an erasure is not erased itself: it is appended after its lane was emptied.
  const announcing = new Set([...erasures.values()].flat().map(({ event }) => event.id));
  await addDeliveries(
    client,
    rows.filter(({ eventId }) => !announcing.has(eventId)),
  );
  for (const [topic, erasing] of erasures)
    await eraseKeys(client, topic, keysOf(erasing), [...announcing]);
  await addDeliveries(
    client,
    rows.filter(({ eventId }) => announcing.has(eventId)),
  );
}

const isErasing = ({ erases, event }: StoredEntry): boolean => erases && event.key !== null;

const keysOf = (entries: readonly StoredEntry[]): string[] =>
  entries.map(({ event }) => event.key!);

async function lanesOf(client: PoolClient, topic: string, keys: readonly string[]) {
  const { rows } = await client.query<{ id: string }>(lanesOfKeys('$1', '$2::text[]'), [
    topic,
    keys,
  ]);
  return rows.map(({ id }) => id);
}
