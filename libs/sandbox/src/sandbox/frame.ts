/** The first byte that a process sends, when it has loaded its code and waits for a job. */
export const readyMark = Buffer.from([0x06]);

/**
 * The protocol between a sandboxed process and its parent: the length of the header (four bytes, big-endian), a JSON header,
 * then bytes. It is so simple that a compromised process can send a wrong result, and nothing worse.
 */
export function frameHeader(header: unknown): Buffer {
  const json = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(4);
  length.writeUInt32BE(json.length);
  return Buffer.concat([length, json]);
}

/** The header and the offset of the bytes, or null while the header is incomplete. @throws SyntaxError where it is no JSON */
export function readHeader(received: Buffer): { header: unknown; bodyAt: number } | null {
  if (received.length < 4) return null;
  const bodyAt = 4 + received.readUInt32BE(0);
  if (received.length < bodyAt) return null;
  return { header: JSON.parse(received.toString('utf8', 4, bodyAt)), bodyAt };
}
