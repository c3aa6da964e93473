import type { Principal } from '@casewire/auth';
import { inTransaction, notFound } from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

import { execute } from '../case/case-repository.ts';
import type { Wakeable } from '../submission/submission.service.ts';
import { scheduleDeletion } from './pending-blob-deletion.ts';

export class ErasureService {
  constructor(
    private readonly pool: Pool,
    private readonly relay: Wakeable,
    private readonly now: () => Date,
  ) {}

  /** Deletes a case: its personal data with the commit, its blobs directly afterwards. @throws ApiError 404 */
  async remove({ organizationId, environment }: Principal, caseId: string): Promise<void> {
    await inTransaction(this.pool, async (client) => {
      const { rowCount } = await client.query(
        `select from case_view where id = $1 and organization_id = $2 and environment = $3 and status <> 'deleted'`,
        [caseId, organizationId, environment],
      );
      if (rowCount === 0) throw notFound('case');
      await execute(client, caseId, { type: 'DeleteCase', now: this.now() });
      await client.query('delete from case_private where case_id = $1', [caseId]);
      await client.query('delete from upload_private where case_id = $1', [caseId]);
      await scheduleBlobDeletion(client, caseId);
    });
    this.relay.wake();
  }
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
