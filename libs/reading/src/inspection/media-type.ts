import type { MediaType } from '@casewire/contracts';

const startsWith = (head: Buffer, bytes: number[], at = 0) =>
  head.length >= at + bytes.length && bytes.every((byte, i) => head[at + i] === byte);

/** Whether a file begins like a ZIP archive, also an empty one. The documents in an archive are not read. */
export const isZip = (head: Buffer): boolean =>
  startsWith(head, [0x50, 0x4b, 0x03, 0x04]) || startsWith(head, [0x50, 0x4b, 0x05, 0x06]);

/** Bytes at the start of a file that determine its type: the header of a PDF may be anywhere in the first kilobyte. */
export const headLength = 1024;

/** The type by a file's first bytes, or null for a type that is not accepted. */
export function mediaTypeOf(head: Buffer): MediaType | null {
  if (startsWith(head, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'image/png';
  if (startsWith(head, [0xff, 0xd8, 0xff])) return 'image/jpeg';
  const riff = head.toString('latin1', 0, 4) === 'RIFF';
  if (riff && head.toString('latin1', 8, 12) === 'WEBP') return 'image/webp';
  if (head.subarray(0, headLength).includes('%PDF-')) return 'application/pdf';
  return null;
}
