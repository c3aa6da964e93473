import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import { EntityId, MediaType, OrdinalNumber } from '@casewire/contracts';
import { Operation } from '@casewire/service';
import { Controller, Get, Param, Res, StreamableFile } from '@nestjs/common';
import type { Response } from 'express';

import { DocumentsService } from './documents.service.ts';
import { FileResponse } from './file-response.ts';

/** The bytes come from outside: a browser neither stores them, nor guesses their type, nor runs what they contain. */
const guarded = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'content-security-policy': 'sandbox',
};
const png = 'image/png';

@Controller('partner/v1/cases/:id/uploads/:uploadId')
export class DocumentsController {
  constructor(private readonly documents: DocumentsService) {}

  @Get('document')
  @NeedsScope('documents:read')
  @FileResponse('The bytes as uploaded', MediaType.options)
  @Operation('read', 'A document, as it was uploaded', null)
  async getDocument(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: EntityId }) caseId: string,
    @Param('uploadId', { schema: EntityId }) uploadId: string,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const { fileName, mediaType, size, bytes } = await this.documents.getDocument(principal, {
      caseId,
      uploadId,
    });
    // `attachment` follows RFC 6266, and sets a type by the file name, which is replaced.
    response.attachment(fileName).set({ ...guarded, 'content-type': mediaType });
    return new StreamableFile(bytes, { length: size });
  }

  @Get('pages/:page')
  @NeedsScope('documents:read')
  @FileResponse('The page as PNG', [png])
  @Operation('read', 'A page of a document, as PNG', null, { problems: [422] })
  async getPage(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: EntityId }) caseId: string,
    @Param('uploadId', { schema: EntityId }) uploadId: string,
    @Param('page', { schema: OrdinalNumber }) page: number,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const image = await this.documents.getPage(principal, { caseId, uploadId }, page);
    response.set(guarded);
    return new StreamableFile(image, { type: png, length: image.length });
  }

  @Get('findings/:number/image')
  @NeedsScope('documents:read')
  @FileResponse('The place of the finding on its page, as PNG', [png])
  @Operation('read', 'The picture of a finding of forensics, as PNG', null)
  async getFindingImage(
    @CurrentPrincipal() principal: Principal,
    @Param('id', { schema: EntityId }) caseId: string,
    @Param('uploadId', { schema: EntityId }) uploadId: string,
    @Param('number', { schema: OrdinalNumber }) number: number,
    @Res({ passthrough: true }) response: Response,
  ): Promise<StreamableFile> {
    const image = await this.documents.getFindingImage(principal, { caseId, uploadId }, number);
    response.set(guarded);
    return new StreamableFile(image, { type: png });
  }
}
