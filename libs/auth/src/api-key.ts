import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import type { Environment } from '@casewire/contracts';

const marks = { production: 'live', sandbox: 'test' } as const;

/** What an API key says of itself: cw_live_<id>_<secret>, cw_test_<id>_<secret>. */
export interface ParsedApiKey {
  environment: Environment;
  id: string;
  secret: string;
}

/** A new key; the secret has 256 bits and is kept nowhere. */
export function mintApiKey(environment: Environment): ParsedApiKey & { key: string } {
  const id = randomBytes(9).toString('hex');
  const secret = randomBytes(32).toString('hex');
  return { environment, id, secret, key: `cw_${marks[environment]}_${id}_${secret}` };
}

/** The parts of a key, or undefined if it is not written as one. */
export function parseApiKey(key: string): ParsedApiKey | undefined {
  const match = /^cw_(live|test)_([0-9a-f]{18})_([0-9a-f]{64})$/.exec(key);
  if (!match) return undefined;
  return {
    environment: match[1] === 'live' ? 'production' : 'sandbox',
    id: match[2]!,
    secret: match[3]!,
  };
}

/** What is stored of a key: HMAC-SHA256 of its secret under the platform's pepper, hex. */
export const apiKeyHmac = (secret: string, pepper: Uint8Array): string =>
  createHmac('sha256', pepper).update(secret).digest('hex');

/** Whether the secret is the one whose HMAC is stored, compared in constant time. */
export const apiKeyMatches = (secret: string, hmac: string, pepper: Uint8Array): boolean =>
  timingSafeEqual(Buffer.from(apiKeyHmac(secret, pepper), 'hex'), Buffer.from(hmac, 'hex'));
