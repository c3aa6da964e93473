import type { Actor } from '@casewire/contracts';
import { eraseResponses } from '@casewire/service';
import type { PoolClient } from 'pg';

import { execute } from '../case/case-repository.ts';
import { scheduleDeletion } from './pending-blob-deletion.ts';

/** The tables with personal data, by case. */
const privateTables = [
  'case_private',
  'upload_private',
  'review_private',
  'review_comment_private',
  'extraction_version_private',
  'case_revision_private',
  'ignored_file_private',
] as const;

/**
 * Erases a case in the caller's transaction: its personal data are gone with the commit, its blobs are deleted directly
 * afterwards. A case that was deleted before stays as it is.
 */
export async function eraseCase(
  client: PoolClient,
  caseId: string,
  { by, now }: { by: Actor; now: Date },
): Promise<void> {
  await execute(client, caseId, { type: 'DeleteCase', by, now });
  await eraseResponses(client, caseId);
  for (const table of privateTables)
    await client.query(`delete from ${table} where case_id = $1`, [caseId]);
  await scheduleBlobDeletion(client, caseId);
}

/**
 * Schedules all blobs of a deleted case for deletion, due now. A stored reading is shared by all uploads with the same
 * content, and is deleted with the last case that has one.
 */
export async function scheduleBlobDeletion(client: PoolClient, caseId: string): Promise<void> {
  const uploads = await client.query<{ key: string }>(
    `select document->>'key' as key from upload_view where case_id = $1`,
    [caseId],
  );
  await scheduleDeletion(
    client,
    uploads.rows.map(({ key }) => key),
    '0',
  );
  const { rows } = await client.query<{ prefix: string }>(
    `select 'results/' || v.organization_id || '/' || r.id as prefix
       from run_view r join case_view v on v.id = r.case_id where r.case_id = $1
     union all
     select 'runs/' || id from run_view where case_id = $1
     union all
     select distinct 'readings/' || v.organization_id || '/' || (u.document->>'sha256')
       from upload_view u join case_view v on v.id = u.case_id
      where u.case_id = $1 and not exists (
        select from upload_view o join case_view w on w.id = o.case_id
         where o.document->>'sha256' = u.document->>'sha256' and o.case_id <> u.case_id
           and w.organization_id = v.organization_id and w.status <> 'deleted')`,
    [caseId],
  );
  await scheduleDeletion(
    client,
    rows.map(({ prefix }) => prefix),
    '0',
    true,
  );
}
