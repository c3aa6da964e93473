import { createHmac } from 'node:crypto';

import type { Tenant } from '../reading/tenant.ts';

/**
 * The id by which events name a user or an employer: the same orderer's id always gives the same one, and the orderer's id does not
 * follow from it. A UUID of version 8 (RFC 9562, 5.8) with the first 122 bits of an HMAC-SHA256.
 * @param key the key of the HMAC
 * @param externalId the orderer's own id
 */
export function opaqueId(
  key: Uint8Array,
  { organizationId, environment }: Tenant,
  kind: 'user' | 'employer',
  externalId: string,
): string {
  const hmac = createHmac('sha256', key);
  for (const part of ['casewire.opaque-id.v1', organizationId, environment, kind, externalId])
    hmac.update(`${Buffer.byteLength(part)}:`).update(part);
  const id = hmac.digest().subarray(0, 16);
  id[6] = (id[6]! & 0x0f) | 0x80;
  id[8] = (id[8]! & 0x3f) | 0x80;
  return id.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
