import { randomBytes } from 'node:crypto';

import type { Sealer } from '@casewire/auth';
import type { SigningSecret } from '@casewire/contracts';

export type StoredSecret = Omit<SigningSecret, 'revision' | 'deletedAt'>;

const rotationOverlapMs = 24 * 60 * 60 * 1000;

/** A secret of 32 random bytes, and the record that it is sealed in under its owner's name. */
export function newSecret(
  ownerId: string,
  owner: string,
  sealer: Sealer,
): { secret: Buffer; record: StoredSecret } {
  const secret = randomBytes(32);
  const record = {
    ownerId,
    sealed: sealer.seal(secret, owner),
    previous: null,
    token: null,
    headers: null,
  };
  return { secret, record };
}

/** A new secret in the place of the present one, which goes on signing beside it for a day. */
export function rotated(
  current: StoredSecret,
  owner: string,
  sealer: Sealer,
  now: Date,
): { secret: Buffer; record: StoredSecret } {
  const { secret, record } = newSecret(current.ownerId, owner, sealer);
  const until = new Date(now.getTime() + rotationOverlapMs).toISOString();
  const { token, headers, sealed } = current;
  return { secret, record: { ...record, token, headers, previous: { sealed, until } } };
}

/** A token such as receivers compare as text; another one for each endpoint (TW-24). */
export const newToken = (): string => randomBytes(20).toString('hex');
