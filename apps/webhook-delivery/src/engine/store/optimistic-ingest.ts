import { isConstraintViolation, pipelined } from '@casewire/service';
import type { PoolClient } from 'pg';

import type { ClaimOffer, IngestBatch } from '../../model/lane-store.ts';
import { claimFrom, lockOpenDestinations } from './claim.ts';
import {
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
} from './ingest-steps.ts';
import { destinationKey, lockRegistered, type LockedDestination } from './lock-destinations.ts';
import { storeEvents } from './store-events.ts';

/** An assumption about a batch was wrong: the transaction must be rolled back. */
export class OptimisticIngestFailed extends Error {}

/**
 * `ingestBatches` for the usual case: all events are new, and the ids of all destinations are known. All statements are sent at
 * once, in the same order; the assumptions are checked afterwards.
 * @param known ids of all destinations of the batches, by `destinationKey`
 * @throws OptimisticIngestFailed if an assumption is wrong: the transaction must be rolled back
 */
export async function ingestOptimistically(
  client: PoolClient,
  batches: readonly IngestBatch[],
  offer: ClaimOffer | undefined,
  known: ReadonlyMap<string, string>,
): Promise<IngestBatchesResult> {
  const entries = batches.flatMap(entriesOf);
  const destinations = destinationsOf(entries);
  const expected = new Map(
    destinations.map(({ destination }) => {
      const key = destinationKey(destination);
      return [key, { id: known.get(key)!, deleted: false }];
    }),
  );
  const rows = rowsOf(entries, expected);
  const destinationIds = destinationIdsOf(rows);
  const [cursors, added, locked, , , open] = await pipelined([
    lockCursors(client, batches),
    storeEvents(client, entries),
    destinations.length > 0
      ? lockRegistered(client, destinations)
      : new Map<string, LockedDestination>(),
    enqueueDeliveries(client, rows),
    moveCursors(client, batches),
    offer && offer.slots > 0 && destinationIds.length > 0
      ? lockOpenDestinations(client, offer, destinationIds)
      : [],
  ]).catch((error: unknown) => {
    // A unique or foreign key is violated: the place in a lane is taken, or the destination does not exist.
    if (isConstraintViolation(error)) throw new OptimisticIngestFailed();
    throw error;
  });
  const areNew = batches.every((batch) => {
    const cursor = cursors.get(cursorKey(batch))!;
    return batch.events.every(({ event }) => event.offset >= cursor);
  });
  const exist = [...expected].every(([key, { id }]) => {
    const destination = locked.get(key);
    return destination?.id === id && !destination.deleted;
  });
  if (!areNew || !exist || added.size < entries.length) throw new OptimisticIngestFailed();
  return {
    batches: batches.map((batch) => ({ ...countsOf(batch.events), skipped: 0 })),
    destinations: new Map([...expected].map(([key, { id }]) => [key, id])),
    ...(offer ? await claimFrom(client, offer, open) : { heads: Promise.resolve([]) }),
  };
}
