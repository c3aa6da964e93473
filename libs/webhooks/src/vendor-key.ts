import type { Credentials } from './dialect.ts';
import { encodeSecret } from './secret.ts';

/** A request of a dialect that signs cannot be made without a secret. */
export class SigningSecretMissing extends Error {
  readonly code = 'SIGNING_SECRET_MISSING';
  constructor() {
    super('there is no secret to sign the request with');
  }
}

/**
 * The HMAC key of the vendors' own signatures: the UTF-8 bytes of the newest secret in text form, including `whsec_`.
 * Receivers written for these vendors use the text of the secret as the key. Their headers hold one signature, so only the
 * newest secret signs; `webhook-signature` carries one signature per secret during a rotation.
 * @throws SigningSecretMissing where there is no secret
 */
export function vendorKey({ secrets: [newest] }: Credentials): Buffer {
  if (!newest) throw new SigningSecretMissing();
  return Buffer.from(encodeSecret(newest), 'utf8');
}
