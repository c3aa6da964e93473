import { createHash } from 'node:crypto';

import type { Sealer } from '@casewire/auth';
import type { DialectName } from '@casewire/contracts';

import type { CallbackDestination } from './lane-store.ts';

/** The seal context of a callback URL. */
export const callbackUrlSealContext = (hash: Uint8Array): string =>
  `callback-url:${Buffer.from(hash).toString('hex')}`;

/**
 * The destination for a callback URL of one organization, environment and dialect. The URL is called exactly as given.
 * @throws TypeError if it is not a URL
 */
export function callbackDestination(
  sealer: Pick<Sealer, 'seal'>,
  options: { organizationId: string; environment: string; dialect: DialectName; url: string },
): CallbackDestination {
  const { organizationId, environment, dialect, url } = options;
  const { host } = new URL(url);
  const hash = createHash('sha256')
    .update(JSON.stringify([organizationId, environment, dialect, url]))
    .digest();
  const sealedUrl = sealer.seal(Buffer.from(url), callbackUrlSealContext(hash));
  return { hash, sealedUrl, dialect, host };
}
