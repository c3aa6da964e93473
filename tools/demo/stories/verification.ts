import { createHmac, timingSafeEqual } from 'node:crypto';

import { Webhook } from 'standardwebhooks';

/** Whether the signature in a header is that of the request. */
export interface Verification {
  header: string;
  valid: boolean;
}

/** What an endpoint verifies with. A callback URL has no token. */
export interface Credentials {
  secret: string;
  token: string;
}

type Headers = Record<string, string>;

/** The signature that every request has, by the public library. */
export function standardWebhooks(body: Buffer, headers: Headers, secret: string): Verification {
  const header = 'webhook-signature';
  try {
    new Webhook(secret).verify(body.toString(), headers);
    return { header, valid: true };
  } catch {
    return { header, valid: false };
  }
}

const toleranceSeconds = 300;

/** TrustGate's two signatures. Their key is the text of the secret: see docs/dialects.md. */
export function trustGateSignatures(
  body: Buffer,
  headers: Headers,
  secret: string,
  now = new Date(),
): Verification[] {
  const timestamp = headers['x-webhook-timestamp'] ?? '';
  const isRecent = Math.abs(now.getTime() / 1000 - Number(timestamp)) <= toleranceSeconds;
  const signed = Buffer.concat([Buffer.from(`${timestamp}.`), body]);
  return [
    {
      header: 'x-webhook-signature',
      valid: isRecent && isEqual(headers['x-webhook-signature'], hmac(secret, signed)),
    },
    {
      header: 'x-trustgate-signature',
      valid: isEqual(headers['x-trustgate-signature'], `sha256=${hmac(secret, body)}`),
    },
  ];
}

/** Truework's token: the requests to an endpoint carry the one of this endpoint. */
export const trueworkToken = (headers: Headers, token: string): Verification => ({
  header: 'x-truework-token',
  valid: token !== '' && isEqual(headers['x-truework-token'], token),
});

/** Truv's signature. Its key is the text of the secret: see docs/dialects.md. */
export const truvSignature = (body: Buffer, headers: Headers, secret: string): Verification => ({
  header: 'x-webhook-sign',
  valid: isEqual(headers['x-webhook-sign'], `v1=${hmac(secret, body)}`),
});

const hmac = (secret: string, bytes: Buffer): string =>
  createHmac('sha256', Buffer.from(secret, 'utf8')).update(bytes).digest('hex');

function isEqual(given: string | undefined, expected: string): boolean {
  const [one, other] = [Buffer.from(given ?? ''), Buffer.from(expected)];
  return one.length === other.length && timingSafeEqual(one, other);
}
