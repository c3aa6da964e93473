import type { Credentials } from './dialect.ts';
import { encodeSecret } from './secret.ts';

/** Nothing leaves unsigned: without a secret a request of a dialect that signs cannot be made. */
export class SigningSecretMissing extends Error {
  readonly code = 'SIGNING_SECRET_MISSING';
  constructor() {
    super('there is no secret to sign the request with');
  }
}

/**
 * The HMAC key of the vendors' own signatures: the UTF-8 bytes of the secret as it is shown, `whsec_` and all. That is
 * what a receiver written for them does with the text that it was given. Their headers have room for one signature, so
 * the newest secret signs; `webhook-signature` carries one per secret while a secret is rotated.
 * @throws SigningSecretMissing
 */
export function vendorKey({ secrets: [newest] }: Credentials): Buffer {
  if (!newest) throw new SigningSecretMissing();
  return Buffer.from(encodeSecret(newest), 'utf8');
}
