import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import { CaseView, EntityId, ReviseCase, ReviseDocument } from '@casewire/contracts';
import { GivenIdempotencyKey, Operation } from '@casewire/service';
import { Body, Controller, Param, Post } from '@nestjs/common';

import { RevisionsService } from './revisions.service.ts';

@Controller('partner/v1/cases/:id')
export class RevisionsController {
  constructor(private readonly revisions: RevisionsService) {}

  @Post('revisions')
  @NeedsScope('cases:write')
  @Operation('act', 'Correct the external id, the reference or the metadata of a case', CaseView)
  reviseCase(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @Body({ schema: ReviseCase }) command: ReviseCase,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.revisions.reviseCase(tenant, id, command, key);
  }

  @Post('uploads/:uploadId/revisions')
  @NeedsScope('cases:write')
  @Operation('act', 'Correct extracted fields of a document', CaseView)
  reviseDocument(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @Param('uploadId', { schema: EntityId }) uploadId: string,
    @Body({ schema: ReviseDocument }) command: ReviseDocument,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.revisions.reviseDocument(tenant, id, uploadId, command, key);
  }
}
