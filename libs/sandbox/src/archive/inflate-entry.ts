import { crc32, inflateRawSync } from 'node:zlib';

import { ArchiveError } from './archive-error.ts';
import type { ZipEntry } from './zip-directory.ts';

/**
 * The data of an entry. It stops at the limit: the sizes in the archive are claims.
 * @param limit in bytes; `message` says what is larger than it
 * @throws ArchiveError ARCHIVE_TOO_LARGE, or ARCHIVE_INVALID if the data are damaged or are not what the directory says
 */
export function inflateEntry(
  archive: Buffer,
  { number, method, crc32: checksum, size, dataAt, endsAt }: ZipEntry,
  { limit, message }: { limit: number; message: string },
): Buffer {
  const data = archive.subarray(dataAt, endsAt);
  const invalid = (reason: string) =>
    new ArchiveError('ARCHIVE_INVALID', `entry ${number} ${reason}`);
  const tooLarge = () => new ArchiveError('ARCHIVE_TOO_LARGE', message);
  if (method !== 0 && method !== 8)
    throw invalid(`is compressed by method ${method}, which is not supported`);
  if (method === 0 && data.length > limit) throw tooLarge();
  const inflated = method === 0 ? data : inflate(data, limit, tooLarge, invalid);
  if (inflated.length !== size) throw invalid('has another size than the archive says');
  if (crc32(inflated) !== checksum) throw invalid('is damaged: its checksum is wrong');
  return inflated;
}

function inflate(
  data: Buffer,
  limit: number,
  tooLarge: () => ArchiveError,
  invalid: (reason: string) => ArchiveError,
): Buffer {
  try {
    // An output limit must not be 0.
    const output = inflateRawSync(data, { maxOutputLength: limit + 1 });
    if (output.length <= limit) return output;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_BUFFER_TOO_LARGE')
      throw invalid('is damaged: it cannot be inflated');
  }
  throw tooLarge();
}
