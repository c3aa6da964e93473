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

/**
 * @param path of the document in the file, if that is an archive
 * @throws ApiError 415 if the extension is that of another type than the content
 */
export function checkExtension(
  { name }: Pick<ReceivedFile, 'name'>,
  mediaType: MediaType,
  field: string,
  path?: string,
): void {
  check(name, mediaType, extensions[mediaType], field, path);
}

/** @throws ApiError 415 if the extension of a ZIP archive is another one: an Office file is one, too */
export function checkArchiveExtension({ name }: Pick<ReceivedFile, 'name'>, field: string): void {
  check(name, 'application/zip', ['.zip'], field);
}

function check(name: string, type: string, allowed: string[], field: string, path?: string): void {
  const extension = extname(name).toLowerCase();
  if (extension === '' || allowed.includes(extension)) return;
  const subject = path === undefined ? '' : `${path} `;
  const rule = `${subject}is ${type}: its name must end in ${allowed.join(' or ')}, or have no extension`;
  throw new ApiError(415, 'FILE_EXTENSION_MISMATCH', `${field} ${rule}`, [{ field, rule }]);
}
