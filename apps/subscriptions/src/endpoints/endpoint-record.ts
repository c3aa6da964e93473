import type { Endpoint, EndpointView, Environment } from '@casewire/contracts';
import { fingerprint, notFound, type IdempotentRequest } from '@casewire/service';

/** An organization in one environment. */
export interface Tenant {
  organizationId: string;
  environment: Environment;
}

/** @throws ApiError 404 unless the endpoint belongs to the tenant */
export function ofTenant(endpoint: Endpoint | undefined, tenant: Tenant): Endpoint {
  const belongs =
    endpoint?.organizationId === tenant.organizationId &&
    endpoint.environment === tenant.environment;
  if (!endpoint || !belongs) throw notFound('endpoint');
  return endpoint;
}

/** An endpoint as the API shows it: without the fields of its publication. */
export const view = ({
  revision: _revision,
  deletedAt: _deletedAt,
  ...endpoint
}: Endpoint): EndpointView => endpoint;

/**
 * A request of a tenant that takes effect once per Idempotency-Key.
 * @param parts the content of the request: another request with the same key is refused
 */
export const requestOf = (
  what: string,
  { organizationId, environment }: Tenant,
  key: string | undefined,
  ...parts: string[]
): IdempotentRequest => ({
  caller: `${organizationId}/${environment}`,
  key,
  fingerprint: fingerprint(what, organizationId, environment, ...parts),
});
