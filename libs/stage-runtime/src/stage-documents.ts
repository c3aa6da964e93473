import type { BlobStore } from '@casewire/blobs';
import type { StageRequest } from '@casewire/contracts';
import {
  type DocumentReader,
  type DocumentSource,
  readDocument,
  type Reading,
} from '@casewire/reading';

/** The documents of stage requests. */
export class StageDocuments {
  constructor(
    private readonly blobs: BlobStore,
    readonly reader: DocumentReader,
  ) {}

  /** The reading of the document; all stages share it. @throws DocumentError; BlobNotFound; the signal's reason */
  read({ organizationId, document }: StageRequest, signal: AbortSignal): Promise<Reading> {
    return readDocument({
      blobs: this.blobs,
      reader: this.reader,
      organizationId,
      document,
      signal,
    });
  }

  /** The untrusted document itself, for sandboxed processes only. */
  source({ document, organizationId }: StageRequest): DocumentSource {
    const { key, mediaType, pages } = document;
    return { mediaType, pages, organizationId, open: () => this.blobs.stream(key) };
  }
}
