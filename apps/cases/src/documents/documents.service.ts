import type { Readable } from 'node:stream';

import type { Principal } from '@casewire/auth';
import type { BlobStore } from '@casewire/blobs';
import type { ForensicsResult } from '@casewire/contracts';
import { notFound } from '@casewire/service';
import type { Logger } from '@casewire/telemetry';
import type { Pool } from 'pg';

import type { StoredDocument } from '../case/case-domain-event.ts';
import { readingBlobs } from '../reading/find-case.ts';
import { pageImage } from './page-image.ts';
import { storedDocument } from './stored-document.query.ts';

/** An upload of a case. */
export interface UploadPlace {
  caseId: string;
  uploadId: string;
}

/** The document of an upload, as its bytes were received. */
export interface OpenedDocument extends Pick<StoredDocument, 'mediaType' | 'size'> {
  fileName: string;
  bytes: Readable;
}

/** Reads documents, pictures of their pages and of findings. Every reading is written to the log. */
export class DocumentsService {
  constructor(
    private readonly pool: Pool,
    private readonly blobs: Pick<BlobStore, 'read' | 'stream'>,
    private readonly logger: Logger,
  ) {}

  /** Opens a document. @throws ApiError 404 */
  async getDocument(principal: Principal, place: UploadPlace): Promise<OpenedDocument> {
    const { document, file_name: fileName } = await this.findOrFail(principal, place);
    const bytes = await this.reading(principal, place, () => this.blobs.stream(document.key));
    this.report(principal, place, 'document');
    return { fileName, mediaType: document.mediaType, size: document.size, bytes };
  }

  /** A page as PNG. @throws ApiError 404, also for a page that does not exist; 422 for one that cannot be rendered */
  async getPage(principal: Principal, place: UploadPlace, page: number): Promise<Buffer> {
    const { document } = await this.findOrFail(principal, place);
    const { key, mediaType, pages } = document;
    if (page > pages) throw notFound('page');
    const { organizationId } = principal;
    const open = () => this.blobs.stream(key);
    const image = await this.reading(principal, place, () =>
      pageImage({ mediaType, pages, organizationId, open }, page),
    );
    this.report(principal, place, 'page', page);
    return image;
  }

  /**
   * The picture of a finding of the current result of forensics, as PNG.
   * @param number the place of the finding in that result, from 1
   * @throws ApiError 404, also for a finding without a picture
   */
  async getFindingImage(
    principal: Principal,
    place: UploadPlace,
    number: number,
  ): Promise<Readable> {
    const { forensics } = await this.findOrFail(principal, place);
    if (!forensics) throw notFound('finding');
    const image = await this.reading(principal, place, async () => {
      const result = JSON.parse((await this.blobs.read(forensics.key)).toString());
      const key = (result as ForensicsResult).findings[number - 1]?.image ?? null;
      if (key === null) throw notFound('picture of a finding');
      return this.blobs.stream(key);
    });
    this.report(principal, place, 'finding', number);
    return image;
  }

  private async findOrFail(principal: Principal, { caseId, uploadId }: UploadPlace) {
    const found = await storedDocument(this.pool, principal, caseId, uploadId);
    if (!found) throw notFound('upload');
    return found;
  }

  private reading<T>(
    principal: Principal,
    { caseId }: UploadPlace,
    read: () => Promise<T>,
  ): Promise<T> {
    return readingBlobs(this.pool, principal, caseId, read);
  }

  /** Who read what: the line is written when the reading succeeded. */
  private report(
    { keyId, organizationId, environment }: Principal,
    { caseId, uploadId }: UploadPlace,
    what: 'document' | 'page' | 'finding',
    number?: number,
  ): void {
    this.logger.info({
      event: 'document.read',
      keyId,
      organizationId,
      environment,
      caseId,
      uploadId,
      what,
      ...(number !== undefined && { number }),
    });
  }
}
