import { randomBytes } from 'node:crypto';

import type { Sealer } from '@casewire/auth';
import type { SigningSecret } from '@casewire/contracts';

export type StoredSecret = Omit<SigningSecret, 'revision' | 'deletedAt'>;

const rotationOverlapMs = 24 * 60 * 60 * 1000;

/**
 * Creates a secret of 32 random bytes, and its record with the sealed secret.
 * @param ownerId the endpoint or the organization to which the secret belongs
 * @param sealContext the string to which the sealed secret is bound
 */
export function newSecret(
  ownerId: string,
  sealContext: string,
  sealer: Sealer,
): { secret: Buffer; record: StoredSecret } {
  const secret = randomBytes(32);
  const record = {
    ownerId,
    sealed: sealer.seal(secret, sealContext),
    previous: null,
    token: null,
    headers: null,
  };
  return { secret, record };
}

/** Replaces the current secret by a new one; for a day the current one signs as well. */
export function rotateSecret(
  current: StoredSecret,
  sealContext: string,
  sealer: Sealer,
  now: Date,
): { secret: Buffer; record: StoredSecret } {
  const { secret, record } = newSecret(current.ownerId, sealContext, sealer);
  const until = new Date(now.getTime() + rotationOverlapMs).toISOString();
  const { token, headers, sealed } = current;
  return { secret, record: { ...record, token, headers, previous: { sealed, until } } };
}

/** A random token, which receivers compare as text; each endpoint has its own (TW-24). */
export const newToken = (): string => randomBytes(20).toString('hex');
