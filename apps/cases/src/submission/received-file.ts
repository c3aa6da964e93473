import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { extname } from 'node:path';
import type { Readable } from 'node:stream';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import type { MediaType } from '@casewire/contracts';
import { ApiError } from '@casewire/service';

/** A received file: on disk, hashed while it was written, never completely in memory. */
export interface ReceivedFile {
  /** The partner's file name: personal data. */
  name: string;
  path: string;
  sha256: string;
  size: number;
}

/**
 * Writes a file to disk.
 * @param count called with the length of every chunk; throws to refuse the file
 */
export async function receiveFile(
  source: Readable,
  name: string,
  path: string,
  count: (bytes: number) => void,
): Promise<ReceivedFile> {
  const hash = createHash('sha256');
  let size = 0;
  const meter = new Transform({
    transform(chunk: Buffer, _, done) {
      try {
        size += chunk.length;
        count(chunk.length);
        hash.update(chunk);
        done(null, chunk);
      } catch (error) {
        done(error as Error);
      }
    },
  });
  await pipeline(source, meter, createWriteStream(path, { flags: 'wx', mode: 0o600 }));
  return { name, path, sha256: hash.digest('hex'), size };
}

const extensions: Record<MediaType, string[]> = {
  'application/pdf': ['.pdf'],
  'image/png': ['.png'],
  'image/jpeg': ['.jpg', '.jpeg', '.jfif'],
  'image/webp': ['.webp'],
};

/** @throws ApiError 415 if the extension is that of another type than the content */
export function checkExtension({ name }: ReceivedFile, mediaType: MediaType, field: string): void {
  const extension = extname(name).toLowerCase();
  if (extension === '' || extensions[mediaType].includes(extension)) return;
  const rule = `is ${mediaType}: its name must end in ${extensions[mediaType].join(' or ')}, or have no extension`;
  throw new ApiError(415, 'FILE_EXTENSION_MISMATCH', `${field} ${rule}`, [{ field, rule }]);
}
