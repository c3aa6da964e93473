import type { Endpoint, EndpointHealth } from '@casewire/contracts';
import type { Pool } from 'pg';

import type { LaneStore } from '../../model/lane-store.ts';
import type { Tenant } from '../../model/tenant.ts';
import type { TenantEndpoints } from '../../registry/tenant-endpoints.ts';
import type { IdempotentHandler } from '../idempotent-handler.ts';
import { endpointHealth, type HealthRow } from './endpoint-health.query.ts';

/** The health of endpoints, and the end of a suspension. */
export class EndpointHealthService {
  constructor(
    private readonly pool: Pool,
    private readonly endpoints: TenantEndpoints,
    private readonly store: Pick<LaneStore, 'resume'>,
    private readonly idempotent: IdempotentHandler,
    private readonly wake: () => void,
  ) {}

  /** @throws ApiError 404 */
  async get(tenant: Tenant, id: string): Promise<EndpointHealth> {
    const endpoint = await this.endpoints.find(tenant, id);
    return healthOf(endpoint, await endpointHealth(this.pool, id));
  }

  /** Ends a suspension: the deliveries that wait are sent in order. Does nothing if there is none. @throws ApiError 404 */
  resume(tenant: Tenant, id: string, key: string | undefined): Promise<EndpointHealth> {
    return this.idempotent.run(tenant, { key, route: `endpoints/${id}/resume` }, async () => {
      await this.endpoints.find(tenant, id);
      if (await this.store.resume(id)) this.wake();
      return this.get(tenant, id);
    });
  }
}

function healthOf(
  { id, enabled, maxInFlight }: Endpoint,
  known: HealthRow | undefined,
): EndpointHealth {
  const suspended = known?.suspended_at
    ? { since: known.suspended_at.toISOString(), reason: known.suspension! }
    : null;
  return {
    endpointId: id,
    enabled,
    suspended,
    failingSince: known?.failing_since?.toISOString() ?? null,
    lastDeliveredAt: known?.delivered_at?.toISOString() ?? null,
    pausedUntil: known?.paused_until?.toISOString() ?? null,
    inFlightLimit: known?.in_flight_limit ?? maxInFlight,
    pending: Number(known?.pending ?? 0),
    blocked: known?.blocked ?? 0,
  };
}
