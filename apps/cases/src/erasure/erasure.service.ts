import type { Principal } from '@casewire/auth';
import { inTransaction, notFound } from '@casewire/service';
import type { Pool } from 'pg';

import type { Wakeable } from '../submission/submission.service.ts';
import { eraseCase } from './erase-case.ts';

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
      await eraseCase(client, caseId, this.now());
    });
    this.relay.wake();
  }
}
