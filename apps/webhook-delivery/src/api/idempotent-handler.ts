import type { Sealer } from '@casewire/auth';
import { fingerprint, idempotent, inTransaction } from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

import type { Tenant } from '../model/tenant.ts';

/** What makes a POST the same as another one with the same Idempotency-Key. */
export interface PostRequest {
  key: string | undefined;
  /** The route, with its ids. */
  route: string;
  body?: unknown;
}

/** Executes a POST once per Idempotency-Key: a repeated request gets the stored response. */
export class IdempotentHandler {
  constructor(
    private readonly pool: Pool,
    private readonly sealer: Pick<Sealer, 'seal' | 'open'>,
  ) {}

  /** @param work runs in a transaction; whatever it does outside of that transaction must be idempotent by itself */
  run<T>(
    { organizationId, environment }: Tenant,
    { key, route, body = null }: PostRequest,
    work: (client: PoolClient) => Promise<T>,
  ): Promise<T> {
    const request = {
      caller: `${organizationId}:${environment}`,
      key,
      fingerprint: fingerprint(route, JSON.stringify(body)),
    };
    return inTransaction(this.pool, (client) =>
      idempotent(client, request, this.sealer, () => work(client)),
    );
  }
}
