import type { Endpoint } from '@casewire/contracts';
import { notFound } from '@casewire/service';

import type { Tenant } from '../model/tenant.ts';

interface View {
  get(id: string): Endpoint | undefined;
  catchUp(options?: { timeoutMs?: number }): Promise<bigint>;
}

/** Endpoints as the registry has them, for those they belong to. */
export class TenantEndpoints {
  constructor(private readonly endpoints: View) {}

  /** @throws Refusal 404 for what is not there, and for what is somebody else's */
  async find({ organizationId, environment }: Tenant, id: string): Promise<Endpoint> {
    // One that was made a moment ago may be on its way.
    if (!this.endpoints.get(id)) await this.endpoints.catchUp({ timeoutMs: 2_000 });
    const endpoint = this.endpoints.get(id);
    const isTheirs =
      endpoint?.organizationId === organizationId && endpoint.environment === environment;
    if (!isTheirs) throw notFound('endpoint');
    return endpoint;
  }
}
