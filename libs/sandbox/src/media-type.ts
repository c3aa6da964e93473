import type { MediaType } from '@casewire/contracts';

const startsWith = (head: Buffer, bytes: number[], at = 0) =>
  head.length >= at + bytes.length && bytes.every((byte, i) => head[at + i] === byte);

/** Whether a file begins like a ZIP archive, also an empty one. Office files do, too (see `isOfficeFile`). */
export const isZip = (head: Buffer): boolean =>
  startsWith(head, [0x50, 0x4b, 0x03, 0x04]) || startsWith(head, [0x50, 0x4b, 0x05, 0x06]);

/**
 * Whether a ZIP archive is an office file: Office Open XML (ECMA-376), OpenDocument or EPUB. Their makers put one of these parts
 * first.
 */
export const isOfficeFile = (head: Buffer): boolean =>
  isZip(head) &&
  head.length > 30 &&
  /^(\[Content_Types\]\.xml|mimetype|_rels\/|docProps\/|word\/|xl\/|ppt\/)/.test(
    head.toString('latin1', 30, 30 + head.readUInt16LE(26)),
  );

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

/** The first bytes of archives that are not opened, with their position. */
const otherArchives: [at: number, bytes: number[]][] = [
  [0, [0x1f, 0x8b]], // gzip
  [0, [0x42, 0x5a, 0x68]], // bzip2
  [0, [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]], // xz
  [0, [0x28, 0xb5, 0x2f, 0xfd]], // Zstandard
  [0, [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]], // 7z
  [0, [0x52, 0x61, 0x72, 0x21, 0x1a, 0x07]], // RAR
  [257, [0x75, 0x73, 0x74, 0x61, 0x72]], // tar
];

/** Whether a file begins like an archive or a compressed file that is no ZIP archive. */
export const isOtherArchive = (head: Buffer): boolean =>
  otherArchives.some(([at, bytes]) => startsWith(head, bytes, at));
