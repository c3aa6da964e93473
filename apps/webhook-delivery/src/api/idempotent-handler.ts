import type { Sealer } from '@casewire/auth';
import { fingerprint, idempotent, inTransaction } from '@casewire/service';
import type { Pool, PoolClient } from 'pg';

import type { Tenant } from '../model/tenant.ts';

/** A POST, as it is told from others under the same Idempotency-Key. */
export interface Asked {
  key: string | undefined;
  /** The route, its ids filled in. */
  route: string;
  body?: unknown;
}

/** What a POST asks for takes effect once per Idempotency-Key; the same again gets the same answer. */
export class IdempotentHandler {
  constructor(
    private readonly pool: Pool,
    private readonly sealer: Pick<Sealer, 'seal' | 'open'>,
  ) {}

  /** @param work in a transaction; what it does in another one must be such that doing it twice is doing it once */
  run<T>(
    { organizationId, environment }: Tenant,
    { key, route, body = null }: Asked,
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
