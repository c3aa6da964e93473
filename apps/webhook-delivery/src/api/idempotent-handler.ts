import type { Sealer } from '@casewire/auth';
import { idempotent, inTransaction, postRequest, type PostRequest } from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

import type { Tenant } from '../model/tenant.ts';

/** Executes a POST once per Idempotency-Key: a repeated request gets the stored response. */
export class IdempotentHandler {
  constructor(
    private readonly pool: Pool,
    private readonly sealer: Pick<Sealer, 'seal' | 'open'>,
  ) {}

  /** @param work runs in a transaction; whatever it does outside of that transaction must be idempotent by itself */
  run<T>(
    { organizationId, environment }: Tenant,
    request: PostRequest,
    work: (client: PoolClient) => Promise<T>,
  ): Promise<T> {
    const post = postRequest(`${organizationId}:${environment}`, request);
    return inTransaction(this.pool, (client) =>
      idempotent(client, post, this.sealer, () => work(client)),
    );
  }
}
