import { open } from 'node:fs/promises';

import { MediaType } from '@casewire/contracts';
import {
  jobUrls,
  type Sandbox,
  sharedSandbox,
  DocumentError,
  documentLimits,
  type DocumentLimits,
  headLength,
  isZip,
  mediaTypeOf,
} from '@casewire/sandbox';
import { z } from 'zod';

export interface Inspection {
  mediaType: MediaType;
  pages: number;
  /** In pixels, upright; images only. */
  width?: number;
  height?: number;
}

const InspectResult = z.object({
  pages: z.int().positive(),
  width: z.int().positive().nullable(),
  height: z.int().positive().nullable(),
});

export interface InspectOptions {
  /** The organization of the file: organizations take turns. */
  organizationId?: string;
  /** Replaces single values of `documentLimits`. */
  limits?: Partial<DocumentLimits>;
  sandbox?: Sandbox;
}

/**
 * Determines the type and the pages of an untrusted file: by its first bytes and by a successful parse in a sandboxed process,
 * whatever its name.
 * @throws DocumentError (UNSUPPORTED_MEDIA_TYPE, DOCUMENT_EMPTY, DOCUMENT_UNREADABLE, DOCUMENT_ENCRYPTED,
 *   DOCUMENT_TOO_LARGE_PIXELS, DOCUMENT_TOO_MANY_PAGES, DOCUMENT_TOO_SLOW); SandboxBusy and others for which
 *   `isReaderUnavailable` is true: the machine cannot inspect it now
 */
export async function inspect(
  path: string,
  { organizationId, limits, sandbox = sharedSandbox() }: InspectOptions = {},
): Promise<Inspection> {
  const mediaType = await claimedType(path);
  const { pixels, pages, parseMs, wallMs } = { ...documentLimits, ...limits };
  const { value } = await sandbox.run({
    kind: mediaType === 'application/pdf' ? 'pdf' : 'image',
    job: jobUrls.inspect,
    args: { mediaType, pixels, pages },
    document: path,
    processorMs: parseMs,
    wallMs,
    organizationId,
  });
  const found = InspectResult.parse(value);
  return {
    mediaType,
    pages: found.pages,
    ...(found.width && found.height && { width: found.width, height: found.height }),
  };
}

const archiveError = () =>
  new DocumentError('UNSUPPORTED_MEDIA_TYPE', 'the file is a ZIP archive, not a document');

async function claimedType(path: string): Promise<MediaType> {
  const file = await open(path, 'r');
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(headLength), 0, headLength, 0);
    if (bytesRead === 0) throw new DocumentError('DOCUMENT_EMPTY', 'the file is empty');
    const head = buffer.subarray(0, bytesRead);
    // First of all, because the first bytes of a PDF inside it may be in this part.
    if (isZip(head)) throw archiveError();
    const mediaType = mediaTypeOf(head);
    if (mediaType) return mediaType;
  } finally {
    await file.close();
  }
  throw new DocumentError(
    'UNSUPPORTED_MEDIA_TYPE',
    `the file is none of ${MediaType.options.join(', ')}`,
  );
}
