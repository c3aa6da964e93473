import { actorOf, type Principal } from '@casewire/auth';
import { inTransaction } from '@casewire/service';
import type { Pool } from 'pg';

import { findCase } from '../reading/find-case.ts';
import type { Wakeable } from '../submission/submission.service.ts';
import { eraseCase } from './erase-case.ts';

export class ErasureService {
  constructor(
    private readonly pool: Pool,
    private readonly relay: Wakeable,
    private readonly now: () => Date,
  ) {}

  /** Deletes a case: its personal data with the commit, its blobs directly afterwards. @throws ApiError 404 */
  async remove(principal: Principal, caseId: string): Promise<void> {
    await inTransaction(this.pool, async (client) => {
      await findCase(client, principal, caseId);
      await eraseCase(client, caseId, { by: actorOf(principal), now: this.now() });
    });
    this.relay.wake();
  }
}
