import type { BlobStore } from '@casewire/blobs';
import { deleteOldResponses, inTransaction } from '@casewire/service';
import type { Pool } from 'pg';

import { settleDebts } from './blob-debt.ts';

/** Removes blobs that are due, and answers that are older than a day. */
export async function cleanUp(pool: Pool, blobs: BlobStore): Promise<void> {
  await inTransaction(pool, (client) => settleDebts(client, blobs));
  await deleteOldResponses(pool);
}
