import type { BlobStore } from '@casewire/blobs';
import { deleteOldResponses, deleteOldResponseSubjects, inTransaction } from '@casewire/service';
import type { Pool } from 'pg';

import { deleteDueBlobs } from './pending-blob-deletion.ts';

/** Deletes the blobs that are due, and stored responses that are older than a day. */
export async function cleanUp(pool: Pool, blobs: BlobStore): Promise<void> {
  await inTransaction(pool, (client) => deleteDueBlobs(client, blobs));
  await deleteOldResponses(pool);
  await deleteOldResponseSubjects(pool);
}
