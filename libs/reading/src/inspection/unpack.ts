import { open } from 'node:fs/promises';

import { IgnoredFile, MediaType, submissionLimits } from '@casewire/contracts';
import {
  ArchiveError,
  ArchiveErrorCode,
  DocumentError,
  documentLimits,
  headLength,
  isZip,
  jobUrls,
  parseUntrusted,
  type Sandbox,
  sharedSandbox,
  type UnpackArgs,
} from '@casewire/sandbox';
import { z } from 'zod';

/** A document of an archive: its path there, its type by its first bytes, and where it is in the file of all documents. */
export interface UnpackedDocument {
  path: string;
  mediaType: MediaType;
  startsAt: number;
  size: number;
}

export interface UnpackedArchive {
  documents: UnpackedDocument[];
  ignored: Omit<IgnoredFile, 'archive'>[];
  /** Inflated bytes of all entries. */
  inflated: number;
}

export interface UnpackOptions {
  /** Path of the file that receives the documents, one after the other; it is left to the caller, also when this throws. */
  into: string;
  /** Inflated bytes that all entries together may have. */
  totalBytes: number;
  /** The organization of the archive: organizations take turns. */
  organizationId?: string;
  sandbox?: Sandbox;
}

const path = z.string().min(1).max(1024);
const UnpackResult = z.union([
  z.object({
    refused: z.null(),
    documents: z
      .array(z.object({ path, mediaType: MediaType, size: z.int().positive() }))
      .max(submissionLimits.archiveEntries),
    ignored: z
      .array(z.object({ path, reason: IgnoredFile.shape.reason }))
      .max(submissionLimits.archiveEntries),
    inflated: z.int().nonnegative(),
  }),
  z.object({ refused: z.object({ code: ArchiveErrorCode, message: z.string().max(300) }) }),
]);

/** More than the header of the answer needs: names of 200 entries. */
const headerBytes = 2 * 1024 * 1024;

/** Whether the file begins like a ZIP archive, whatever its name. @throws the system's error */
export async function isArchive(file: string): Promise<boolean> {
  const opened = await open(file, 'r');
  try {
    const { bytesRead, buffer } = await opened.read(Buffer.alloc(headLength), 0, headLength, 0);
    return isZip(buffer.subarray(0, bytesRead));
  } finally {
    await opened.close();
  }
}

/**
 * Opens an untrusted ZIP archive in a sandboxed process. The documents go to a file, never through the memory of this process
 * as a whole.
 * @throws ArchiveError where the archive is at fault; SandboxBusy and others for which `isReaderUnavailable` is true; the
 *   system's error where the file cannot be read or written
 */
export async function unpack(
  archive: string,
  { into, totalBytes, organizationId, sandbox = sharedSandbox() }: UnpackOptions,
): Promise<UnpackedArchive> {
  const { archiveEntries: entries, fileBytes: entryBytes } = submissionLimits;
  try {
    const { value, blobSizes } = await sandbox.run({
      kind: 'archive',
      job: jobUrls.unpack,
      args: { entries, entryBytes, totalBytes } satisfies UnpackArgs,
      document: archive,
      processorMs: documentLimits.parseMs,
      wallMs: documentLimits.wallMs,
      blobsTo: into,
      maximumAnswer: totalBytes + headerBytes,
      organizationId,
    });
    const result = parseUntrusted(UnpackResult, value);
    if (result.refused) throw new ArchiveError(result.refused.code, result.refused.message);
    return { ...result, documents: located(result.documents, blobSizes) };
  } catch (error) {
    // The archive made its reader crash, or return something else.
    throw error instanceof DocumentError
      ? new ArchiveError('ARCHIVE_INVALID', 'the archive cannot be read: reading it failed')
      : error;
  }
}

function located(
  documents: Omit<UnpackedDocument, 'startsAt'>[],
  sizes: readonly number[],
): UnpackedDocument[] {
  let at = 0;
  return documents.map((document, i) => {
    if (document.size !== sizes[i])
      throw new ArchiveError('ARCHIVE_INVALID', 'the archive cannot be read: reading it failed');
    const startsAt = at;
    at += document.size;
    return { ...document, startsAt };
  });
}
