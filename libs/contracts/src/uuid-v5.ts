import { createHash } from 'node:crypto';

/** Namespace of Casewire's name-based ids. */
const namespace = Buffer.from('6e1f0f6c5f5e4b0c9f0e7a3b2c1d4e5f', 'hex');

/**
 * The UUID of a name (RFC 9562, version 5): the same parts always give the same id.
 * The parts are separated, so that ('a', 'bc') and ('ab', 'c') differ.
 */
export function uuidV5(...parts: string[]): string {
  const hash = createHash('sha1').update(namespace);
  for (const part of parts) hash.update(`${Buffer.byteLength(part)}:`).update(part);
  const id = hash.digest().subarray(0, 16);
  id[6] = (id[6]! & 0x0f) | 0x50;
  id[8] = (id[8]! & 0x3f) | 0x80;
  const hex = id.toString('hex');
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    hex.slice(12, 16),
    hex.slice(16, 20),
    hex.slice(20),
  ].join('-');
}
