/**
 * The 64-bit integer at `at`, clamped to the exact range of a number (±2^53). Offsets, timestamps and producer ids of one machine stay
 * below it, and a larger value from a client can still be written back.
 */
export function readInt64(bytes: Buffer, at: number): number {
  const value = Number(bytes.readBigInt64BE(at));
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value));
}
