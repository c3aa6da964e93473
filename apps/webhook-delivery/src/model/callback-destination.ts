import { createHash } from 'node:crypto';

import type { Sealer } from '@casewire/auth';
import type { DialectName } from '@casewire/contracts';

import type { CallbackDestination } from './lane-store.ts';

/** What a callback URL's seal is bound to. */
export const callbackUrlSealContext = (hash: Uint8Array): string =>
  `callback-url:${Buffer.from(hash).toString('hex')}`;

/**
 * The destination that a callback URL is, for one organization, environment and dialect. It is called exactly as given.
 * @throws TypeError for what is no URL
 */
export function callbackDestination(
  sealer: Pick<Sealer, 'seal'>,
  given: { organizationId: string; environment: string; dialect: DialectName; url: string },
): CallbackDestination {
  const { organizationId, environment, dialect, url } = given;
  const { host } = new URL(url);
  const hash = createHash('sha256')
    .update(JSON.stringify([organizationId, environment, dialect, url]))
    .digest();
  const sealedUrl = sealer.seal(Buffer.from(url), callbackUrlSealContext(hash));
  return { hash, sealedUrl, dialect, host };
}
