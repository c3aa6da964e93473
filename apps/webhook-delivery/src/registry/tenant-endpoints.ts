import type { Endpoint } from '@casewire/contracts';
import { notFound } from '@casewire/service';

import type { Tenant } from '../model/tenant.ts';

interface View {
  get(id: string): Endpoint | undefined;
  catchUp(options?: { timeoutMs?: number }): Promise<bigint>;
}

/** Finds endpoints of a tenant in the registry. */
export class TenantEndpoints {
  constructor(private readonly endpoints: View) {}

  /** @throws ApiError 404 if there is no such endpoint, or it belongs to another tenant */
  async find({ organizationId, environment }: Tenant, id: string): Promise<Endpoint> {
    // A new endpoint may not have arrived in the view yet.
    if (!this.endpoints.get(id)) await this.endpoints.catchUp({ timeoutMs: 2_000 });
    const endpoint = this.endpoints.get(id);
    const isOwn =
      endpoint?.organizationId === organizationId && endpoint.environment === environment;
    if (!isOwn) throw notFound('endpoint');
    return endpoint;
  }
}
