import { deleteOldResponses, deleteOldResponseSubjects } from '@casewire/service';
import type { Pool } from 'pg';

import { deleteOldConsumedEvents } from '../intake/consumed-event.query.ts';

/** Deletes stored responses that are older than a day, and records of consumed events that are older than 30 days. */
export async function cleanUp(pool: Pool): Promise<void> {
  await deleteOldResponses(pool);
  await deleteOldResponseSubjects(pool);
  await deleteOldConsumedEvents(pool);
}
