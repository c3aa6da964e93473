import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

import type { Environment } from '@casewire/contracts';

const prefixes = { production: 'live', sandbox: 'test' } as const;

/** The parts of an API key: cw_live_<id>_<secret> for production, cw_test_<id>_<secret> for the sandbox. */
export interface ParsedApiKey {
  environment: Environment;
  id: string;
  secret: string;
}

/** Creates a key. Its secret has 256 bits and is not stored. */
export function mintApiKey(environment: Environment): ParsedApiKey & { key: string } {
  const id = randomBytes(9).toString('hex');
  const secret = randomBytes(32).toString('hex');
  return { environment, id, secret, key: `cw_${prefixes[environment]}_${id}_${secret}` };
}

/** The parts of a key; undefined if the text does not have the form of a key. */
export function parseApiKey(key: string): ParsedApiKey | undefined {
  const match = /^cw_(live|test)_([0-9a-f]{18})_([0-9a-f]{64})$/.exec(key);
  if (!match) return undefined;
  return {
    environment: match[1] === 'live' ? 'production' : 'sandbox',
    id: match[2]!,
    secret: match[3]!,
  };
}

/** The stored form of a key's secret: its HMAC-SHA256 (RFC 2104) with the platform's pepper as the key, in hex. */
export const apiKeyHmac = (secret: string, pepper: Uint8Array): string =>
  createHmac('sha256', pepper).update(secret).digest('hex');

/** Compares the HMAC of a secret with a stored one, in constant time. */
export const apiKeyMatches = (secret: string, hmac: string, pepper: Uint8Array): boolean =>
  timingSafeEqual(Buffer.from(apiKeyHmac(secret, pepper), 'hex'), Buffer.from(hmac, 'hex'));
