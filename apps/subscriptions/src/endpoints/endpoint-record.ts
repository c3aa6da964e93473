import type { Endpoint, EndpointView, Environment } from '@casewire/contracts';
import { fingerprint, notFound, type IdempotentRequest } from '@casewire/service';

/** Whose endpoints are looked at. */
export interface Owner {
  organizationId: string;
  environment: Environment;
}

/** @throws Refusal 404 unless the endpoint is the owner's */
export function mine(endpoint: Endpoint | undefined, owner: Owner): Endpoint {
  const belongs =
    endpoint?.organizationId === owner.organizationId && endpoint.environment === owner.environment;
  if (!endpoint || !belongs) throw notFound('endpoint');
  return endpoint;
}

/** An endpoint as it is stored and shown: without what belongs to its publication. */
export const view = ({
  revision: _revision,
  deletedAt: _deletedAt,
  ...endpoint
}: Endpoint): EndpointView => endpoint;

/** A request of an owner that takes effect once per Idempotency-Key; what it is made of tells it from others. */
export const requestOf = (
  what: string,
  { organizationId, environment }: Owner,
  key: string | undefined,
  ...parts: string[]
): IdempotentRequest => ({
  caller: `${organizationId}/${environment}`,
  key,
  fingerprint: fingerprint(what, organizationId, environment, ...parts),
});
