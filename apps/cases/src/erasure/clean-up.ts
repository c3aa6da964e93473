import { removeOldFiles, type FolderBlobStore } from '@casewire/blobs';
import { forgetAnswers, inTransaction } from '@casewire/service';
import type { Pool } from 'pg';

import { settleDebts } from './blob-debt.ts';

/** Removes blobs that are due, and answers that are older than a day. */
export async function cleanUp(pool: Pool, blobs: FolderBlobStore): Promise<void> {
  await inTransaction(pool, (client) => settleDebts(client, blobs));
  await forgetAnswers(pool);
}

const hour = 3_600_000;

/** Removes what a killed process left of uploads that never came to an end. */
export async function removeLeftovers(
  incomingFolder: string,
  blobs: FolderBlobStore,
  now: number,
): Promise<void> {
  await removeOldFiles(incomingFolder, now - hour);
  await blobs.tidy(hour, now);
}
