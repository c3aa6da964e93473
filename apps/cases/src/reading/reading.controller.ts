import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import {
  CaseSummary,
  CaseView,
  EntityId,
  page,
  PageQuery,
  StageResults,
} from '@casewire/contracts';
import { Operation } from '@casewire/service';
import { Controller, Get, Param, Query } from '@nestjs/common';

import { ReadingService } from './reading.service.ts';

@Controller('partner/v1/cases')
export class ReadingController {
  constructor(private readonly reading: ReadingService) {}

  @Get()
  @NeedsScope('cases:read')
  @Operation('list', 'Your cases, newest first', page(CaseSummary))
  getAll(@CurrentPrincipal() tenant: Principal, @Query({ schema: PageQuery }) query: PageQuery) {
    return this.reading.getAll(tenant, query);
  }

  @Get(':id')
  @NeedsScope('cases:read')
  @Operation('read', 'A case, with the state of every stage of every upload', CaseView)
  get(@CurrentPrincipal() tenant: Principal, @Param('id', { schema: EntityId }) id: string) {
    return this.reading.get(tenant, id);
  }

  @Get(':id/classification')
  @NeedsScope('cases:read')
  @Operation('read', 'The types of the documents', StageResults)
  getClassification(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
  ) {
    return this.reading.getResults(tenant, id, 'classification');
  }

  @Get(':id/extraction')
  @NeedsScope('cases:read')
  @Operation('read', 'The extracted fields of the documents', StageResults)
  getExtraction(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
  ) {
    return this.reading.getResults(tenant, id, 'extraction');
  }

  @Get(':id/forensics')
  @NeedsScope('cases:read')
  @Operation('read', 'Signs of tampering', StageResults)
  getForensics(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
  ) {
    return this.reading.getResults(tenant, id, 'forensics');
  }

  @Get(':id/translation')
  @NeedsScope('cases:read')
  @Operation('read', 'The translation of the documents', StageResults)
  getTranslation(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
  ) {
    return this.reading.getResults(tenant, id, 'translation');
  }
}
