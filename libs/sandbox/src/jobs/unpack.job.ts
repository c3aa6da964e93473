import type { MediaType } from '@casewire/contracts';

import { ArchiveError, type ArchiveErrorCode } from '../archive/archive-error.ts';
import { inflateEntry } from '../archive/inflate-entry.ts';
import { readDirectory } from '../archive/zip-directory.ts';
import type { Job } from '../inside/job.ts';
import { headLength, isOfficeFile, isOtherArchive, isZip, mediaTypeOf } from '../media-type.ts';

export interface UnpackArgs {
  /** Entries of the archive, folders included. */
  entries: number;
  /** Inflated bytes of one entry, and of all together. */
  entryBytes: number;
  totalBytes: number;
}

export interface Unpacked {
  /** In the order of the archive; the blobs are their contents. */
  documents: { path: string; mediaType: MediaType; size: number }[];
  ignored: { path: string; reason: 'not_a_document' | 'empty' | 'archive' | 'encrypted' }[];
  /** Inflated bytes of all entries, ignored ones included. */
  inflated: number;
}

export type UnpackResult =
  | ({ refused: null } & Unpacked)
  | { refused: { code: ArchiveErrorCode; message: string } };

/** Opens a ZIP archive: the documents in it are the blobs; an archive that is refused has none. */
const unpack: Job<UnpackArgs, UnpackResult> = async ({ bytes, args }) => {
  try {
    const { blobs, ...unpacked } = await contentsOf(bytes, args);
    return { value: { refused: null, ...unpacked }, blobs };
  } catch (error) {
    if (!(error instanceof ArchiveError)) throw error;
    return { value: { refused: { code: error.code, message: error.message } } };
  }
};
export default unpack;

async function contentsOf(
  bytes: Buffer,
  args: UnpackArgs,
): Promise<Unpacked & { blobs: Buffer[] }> {
  const found: Unpacked & { blobs: Buffer[] } = {
    documents: [],
    ignored: [],
    inflated: 0,
    blobs: [],
  };
  for (const entry of await readDirectory(bytes, args.entries)) {
    const { path, number } = entry;
    if (entry.isFolder) continue;
    if (entry.isEncrypted) {
      found.ignored.push({ path, reason: 'encrypted' });
      continue;
    }
    // Every entry is inflated, so that a bomb is refused wherever it is.
    const content = inflateEntry(bytes, entry, limitOf(number, args, found.inflated));
    found.inflated += content.length;
    const head = content.subarray(0, headLength);
    if (isZip(head) && !isOfficeFile(head))
      throw new ArchiveError('ARCHIVE_NESTED', `entry ${number} is a ZIP archive itself`);
    const mediaType = mediaTypeOf(head);
    if (mediaType) {
      found.documents.push({ path, mediaType, size: content.length });
      found.blobs.push(content);
    } else {
      found.ignored.push({ path, reason: ignoredBecause(head) });
    }
  }
  if (found.documents.length > 0) return found;
  throw new ArchiveError('ARCHIVE_EMPTY', 'the archive contains no document that can be read');
}

function limitOf(number: number, { entryBytes, totalBytes }: UnpackArgs, inflated: number) {
  const left = totalBytes - inflated;
  return entryBytes <= left
    ? { limit: entryBytes, message: `entry ${number} is larger than ${megabytes(entryBytes)}` }
    : { limit: left, message: 'the files of the submission are too large in total when unpacked' };
}

const megabytes = (bytes: number) => `${bytes / 1024 / 1024} MB`;

function ignoredBecause(head: Buffer): Unpacked['ignored'][number]['reason'] {
  if (head.length === 0) return 'empty';
  return isOtherArchive(head) ? 'archive' : 'not_a_document';
}
