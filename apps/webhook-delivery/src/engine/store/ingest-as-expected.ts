import { pipelined } from '@casewire/service';
import type { PoolClient } from 'pg';

import type { ClaimOffer, IngestBatch } from '../../model/lane-store.ts';
import { claimFrom, openAmong } from './claim.ts';
import {
  countsOf,
  cursorName,
  entriesOf,
  fedBy,
  lockCursors,
  moveCursors,
  place,
  rowsOf,
  wantedBy,
  type IngestedTogether,
} from './ingest-steps.ts';
import { destinationName, lockKnown, type LockedDestination } from './lock-destinations.ts';
import { storeEvents } from './store-events.ts';

/** The batch is not what it was expected to be: nothing of it is to stay. */
export class NotAsExpected extends Error {}

/**
 * The same for what batches nearly always are: new throughout, and for destinations whose ids are known. All is sent at once,
 * in the same order; what is not as expected is found afterwards.
 * @param known ids of destinations, by name: of all that the batches are for
 * @throws NotAsExpected: the transaction is to be rolled back
 */
export async function ingestAsExpected(
  client: PoolClient,
  batches: readonly IngestBatch[],
  offer: ClaimOffer | undefined,
  known: ReadonlyMap<string, string>,
): Promise<IngestedTogether> {
  const entries = batches.flatMap(entriesOf);
  const wanted = wantedBy(entries);
  const expected = new Map(
    wanted.map(({ destination }) => {
      const name = destinationName(destination);
      return [name, { id: known.get(name)!, deleted: false }];
    }),
  );
  const rows = rowsOf(entries, expected);
  const fed = fedBy(rows);
  const [cursors, added, locked, , , open] = await pipelined([
    lockCursors(client, batches),
    storeEvents(client, entries),
    wanted.length > 0 ? lockKnown(client, wanted) : new Map<string, LockedDestination>(),
    place(client, rows),
    moveCursors(client, batches),
    offer && offer.slots > 0 && fed.length > 0 ? openAmong(client, offer, fed) : [],
  ]).catch((error: unknown) => {
    // A place in a lane that is taken, or a destination that is not there.
    if (/^23...$/.test((error as { code?: string }).code ?? '')) throw new NotAsExpected();
    throw error;
  });
  const areAhead = batches.every((batch) => {
    const cursor = cursors.get(cursorName(batch))!;
    return batch.events.every(({ event }) => event.offset >= cursor);
  });
  const areThere = [...expected].every(([name, { id }]) => {
    const destination = locked.get(name);
    return destination?.id === id && !destination.deleted;
  });
  if (!areAhead || !areThere || added.size < entries.length) throw new NotAsExpected();
  return {
    batches: batches.map((batch) => ({ ...countsOf(batch.events), skipped: 0 })),
    destinations: new Map([...expected].map(([name, { id }]) => [name, id])),
    ...(offer ? await claimFrom(client, offer, open) : { heads: Promise.resolve([]) }),
  };
}
