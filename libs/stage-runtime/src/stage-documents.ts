import type { BlobStore } from '@casewire/blobs';
import type { StageRequest } from '@casewire/contracts';
import {
  type DocumentReader,
  type DocumentSource,
  readDocument,
  type Reading,
} from '@casewire/reading';

/** The documents that requests are about, as a stage needs them. */
export class StageDocuments {
  constructor(
    private readonly blobs: BlobStore,
    readonly reader: DocumentReader,
  ) {}

  /** What is read from the document: once for all stages. @throws DocumentError; BlobNotFound; the signal's reason */
  read({ organizationId, document }: StageRequest, signal: AbortSignal): Promise<Reading> {
    return readDocument({
      blobs: this.blobs,
      reader: this.reader,
      organizationId,
      document,
      signal,
    });
  }

  /** The document itself, for contained children only. */
  source({ document, organizationId }: StageRequest): DocumentSource {
    const { key, mediaType, pages } = document;
    return { mediaType, pages, organizationId, open: () => this.blobs.stream(key) };
  }
}
