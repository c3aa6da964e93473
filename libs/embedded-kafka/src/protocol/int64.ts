/**
 * The 64-bit integer at `at`, clamped to what a number holds exactly (±2^53): no offset, timestamp or producer id of one machine
 * gets there, and what a client makes up can be written back.
 */
export function readInt64(bytes: Buffer, at: number): number {
  const value = Number(bytes.readBigInt64BE(at));
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value));
}
