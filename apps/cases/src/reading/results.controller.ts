import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import { CaseResults, EntityId, ExtractionQuery, StageResults } from '@casewire/contracts';
import { Operation } from '@casewire/service';
import { Controller, Get, Param, Query } from '@nestjs/common';

import { ResultsService } from './results.service.ts';

@Controller('partner/v1/cases/:id')
export class ResultsController {
  constructor(private readonly results: ResultsService) {}

  @Get('results')
  @NeedsScope('cases:read')
  @Operation('read', 'The results of all stages of all documents', CaseResults)
  getAll(@CurrentPrincipal() tenant: Principal, @Param('id', { schema: EntityId }) id: string) {
    return this.results.getAll(tenant, id);
  }

  @Get('classification')
  @NeedsScope('cases:read')
  @Operation('read', 'The types of the documents', StageResults)
  getClassification(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
  ) {
    return this.results.getStage(tenant, id, 'classification');
  }

  @Get('extraction')
  @NeedsScope('cases:read')
  @Operation('read', 'The extracted fields of the documents, in any version', StageResults)
  getExtraction(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @Query({ schema: ExtractionQuery }) { version }: ExtractionQuery,
  ) {
    return this.results.getExtraction(tenant, id, version);
  }

  @Get('forensics')
  @NeedsScope('cases:read')
  @Operation('read', 'Signs of tampering', StageResults)
  getForensics(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
  ) {
    return this.results.getStage(tenant, id, 'forensics');
  }

  @Get('translation')
  @NeedsScope('cases:read')
  @Operation('read', 'The translation of the documents', StageResults)
  getTranslation(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
  ) {
    return this.results.getStage(tenant, id, 'translation');
  }
}
