import type { MediaType } from '@casewire/contracts';

const startsWith = (head: Buffer, bytes: number[], at = 0) =>
  head.length >= at + bytes.length && bytes.every((byte, i) => head[at + i] === byte);

/** Whether a file begins as a ZIP archive does, an empty one included. Documents that it holds are no documents of ours. */
export const isZip = (head: Buffer): boolean =>
  startsWith(head, [0x50, 0x4b, 0x03, 0x04]) || startsWith(head, [0x50, 0x4b, 0x05, 0x06]);

/** How much of a file has to be seen to tell its type: a PDF's header may stand anywhere in the first kilobyte. */
export const headLength = 1024;

/** The type that a file's first bytes claim, or null for any that is not accepted. */
export function mediaTypeOf(head: Buffer): MediaType | null {
  if (startsWith(head, [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])) return 'image/png';
  if (startsWith(head, [0xff, 0xd8, 0xff])) return 'image/jpeg';
  const riff = head.toString('latin1', 0, 4) === 'RIFF';
  if (riff && head.toString('latin1', 8, 12) === 'WEBP') return 'image/webp';
  if (head.subarray(0, headLength).includes('%PDF-')) return 'application/pdf';
  return null;
}
