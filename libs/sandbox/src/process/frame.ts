/** The first byte of a child that has loaded its code and now waits. */
export const readyMark = Buffer.from([0x06]);

/**
 * How a contained child and its parent speak: a length, a JSON header of that length, then bytes.
 * Plain enough that a child gone bad can send nothing worse than a wrong answer.
 */
export function frameHeader(header: unknown): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([length, json]);
}

/** The header and where the bytes start, or null while the header is not whole. */
export function readHeader(received: Buffer): { header: unknown; bodyAt: number } | null {
  if (received.length < 4) return null;
  const bodyAt = 4 + received.readUInt32BE(0);
  if (received.length < bodyAt) return null;
  return { header: JSON.parse(received.toString('utf8', 4, bodyAt)), bodyAt };
}
