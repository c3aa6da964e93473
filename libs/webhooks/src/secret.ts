const prefix = 'whsec_';

/** The text form of a secret, as Standard Webhooks defines it: `whsec_` and the bytes in base64. */
export const encodeSecret = (secret: Uint8Array): string =>
  prefix + Buffer.from(secret).toString('base64');

export class SecretInvalid extends Error {
  readonly code = 'WEBHOOK_SECRET_INVALID';
  constructor() {
    super('a secret must be whsec_ followed by 24 to 64 bytes in base64');
  }
}

/**
 * The bytes of a secret in text form; the prefix `whsec_` is optional.
 * @throws SecretInvalid where the text is not base64 of 24 to 64 bytes
 */
export function decodeSecret(text: string): Buffer {
  const base64 = text.startsWith(prefix) ? text.slice(prefix.length) : text;
  const secret = Buffer.from(base64, 'base64');
  const canonical = secret.toString('base64').replace(/=+$/, '') === base64.replace(/=+$/, '');
  if (!canonical || secret.length < 24 || secret.length > 64) throw new SecretInvalid();
  return secret;
}
