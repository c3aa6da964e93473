const prefix = 'whsec_';

/** How a secret is shown: `whsec_` and its bytes in base64, as Standard Webhooks has it. */
export const encodeSecret = (secret: Uint8Array): string =>
  prefix + Buffer.from(secret).toString('base64');

export class SecretInvalid extends Error {
  readonly code = 'WEBHOOK_SECRET_INVALID';
  constructor() {
    super('a secret is whsec_ and base64 of 24 to 64 bytes');
  }
}

/**
 * The bytes of a secret, with or without its prefix.
 * @throws SecretInvalid
 */
export function decodeSecret(text: string): Buffer {
  const base64 = text.startsWith(prefix) ? text.slice(prefix.length) : text;
  const secret = Buffer.from(base64, 'base64');
  const canonical = secret.toString('base64').replace(/=+$/, '') === base64.replace(/=+$/, '');
  if (!canonical || secret.length < 24 || secret.length > 64) throw new SecretInvalid();
  return secret;
}
