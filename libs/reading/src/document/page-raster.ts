import type { Readable } from 'node:stream';

import type { MediaType } from '@casewire/contracts';
import {
  DocumentError,
  jobUrls,
  parseUntrusted,
  type RasterArgs,
  type Sandbox,
  type SandboxJob,
} from '@casewire/sandbox';
import { z } from 'zod';

export interface DocumentSource {
  mediaType: MediaType;
  /** Opens the document from its start; called once for each sandboxed process. */
  open(): Promise<Readable>;
  /** The organization of the document: organizations take turns. */
  organizationId?: string;
  /** The number of pages, where it is known: the limit of processor time depends on it. */
  pages?: number;
}

const RasterResult = z.object({
  width: z.int().positive(),
  height: z.int().positive(),
  channels: z.union([z.literal(1), z.literal(3)]),
  dpi: z.number().positive(),
});
export type PageRaster = z.infer<typeof RasterResult> & { pixels: Uint8Array };

/**
 * One page as pixels, rendered in a sandboxed process.
 * @param limits processor time in milliseconds, and how the job waits for its turn
 * @throws DocumentError where the document is at fault; errors for which `isReaderUnavailable` is true where it is not; the error
 *   of `source.open`; the signal's reason when aborted
 */
export async function pageRaster(
  sandbox: Pick<Sandbox, 'run'>,
  source: DocumentSource,
  args: Omit<RasterArgs, 'mediaType'>,
  limits: Omit<SandboxJob, 'kind' | 'job' | 'args' | 'document'>,
): Promise<PageRaster> {
  const { value, blobs } = await sandbox.run({
    ...limits,
    kind: source.mediaType === 'application/pdf' ? 'pdf' : 'image',
    job: jobUrls.raster,
    args: { ...args, mediaType: source.mediaType } satisfies RasterArgs,
    document: () => source.open(),
  });
  const size = parseUntrusted(RasterResult, value);
  const pixels = blobs[0];
  if (pixels?.length !== size.width * size.height * size.channels) {
    throw new DocumentError('DOCUMENT_UNREADABLE', 'the raster of a page is incomplete');
  }
  return { ...size, pixels };
}
