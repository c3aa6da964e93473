import { pipelined } from '@casewire/service';
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

/** The batch is not what it was expected to be: nothing of it is to stay. */
export class OptimisticIngestFailed extends Error {}

/**
 * The same for what batches nearly always are: new throughout, and for destinations whose ids are known. All is sent at once,
 * in the same order; what is not as expected is found afterwards.
 * @param known ids of destinations, by name: of all that the batches are for
 * @throws NotAsExpected: the transaction is to be rolled back
 */
export async function ingestOptimistically(
  client: PoolClient,
  batches: readonly IngestBatch[],
  offer: ClaimOffer | undefined,
  known: ReadonlyMap<string, string>,
): Promise<IngestBatchesResult> {
  const entries = batches.flatMap(entriesOf);
  const wanted = destinationsOf(entries);
  const expected = new Map(
    wanted.map(({ destination }) => {
      const name = destinationKey(destination);
      return [name, { id: known.get(name)!, deleted: false }];
    }),
  );
  const rows = rowsOf(entries, expected);
  const fed = destinationIdsOf(rows);
  const [cursors, added, locked, , , open] = await pipelined([
    lockCursors(client, batches),
    storeEvents(client, entries),
    wanted.length > 0 ? lockRegistered(client, wanted) : new Map<string, LockedDestination>(),
    enqueueDeliveries(client, rows),
    moveCursors(client, batches),
    offer && offer.slots > 0 && fed.length > 0 ? lockOpenDestinations(client, offer, fed) : [],
  ]).catch((error: unknown) => {
    // A place in a lane that is taken, or a destination that is not there.
    if (/^23...$/.test((error as { code?: string }).code ?? '')) throw new OptimisticIngestFailed();
    throw error;
  });
  const areAhead = batches.every((batch) => {
    const cursor = cursors.get(cursorKey(batch))!;
    return batch.events.every(({ event }) => event.offset >= cursor);
  });
  const areThere = [...expected].every(([name, { id }]) => {
    const destination = locked.get(name);
    return destination?.id === id && !destination.deleted;
  });
  if (!areAhead || !areThere || added.size < entries.length) throw new OptimisticIngestFailed();
  return {
    batches: batches.map((batch) => ({ ...countsOf(batch.events), skipped: 0 })),
    destinations: new Map([...expected].map(([name, { id }]) => [name, id])),
    ...(offer ? await claimFrom(client, offer, open) : { heads: Promise.resolve([]) }),
  };
}
