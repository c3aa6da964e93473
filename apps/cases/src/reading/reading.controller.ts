import { NeedsScope, Tenant, type Principal } from '@casewire/auth';
import { CaseSummary, CaseView, page, PageQuery, StageResults } from '@casewire/contracts';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';

import { caseIdParam } from './case-id.ts';
import { ReadingService } from './reading.service.ts';

@Controller('partner/v1/cases')
export class ReadingController {
  constructor(private readonly reading: ReadingService) {}

  @Get()
  @NeedsScope('cases:read')
  @ApiOperation({ summary: 'Your cases, the newest first' })
  @ApiResponse({ status: 200, standardSchema: page(CaseSummary) })
  getAll(@Tenant() tenant: Principal, @Query({ schema: PageQuery }) query: PageQuery) {
    return this.reading.getAll(tenant, query);
  }

  @Get(':id')
  @NeedsScope('cases:read')
  @ApiOperation({ summary: 'A case, with the state of every stage of every upload' })
  @ApiResponse({ status: 200, standardSchema: CaseView })
  get(@Tenant() tenant: Principal, @Param('id', caseIdParam) id: string) {
    return this.reading.get(tenant, id);
  }

  @Get(':id/classification')
  @NeedsScope('cases:read')
  @ApiOperation({ summary: 'What the documents are' })
  @ApiResponse({ status: 200, standardSchema: StageResults })
  getClassification(@Tenant() tenant: Principal, @Param('id', caseIdParam) id: string) {
    return this.reading.getResults(tenant, id, 'classification');
  }

  @Get(':id/extraction')
  @NeedsScope('cases:read')
  @ApiOperation({ summary: 'The fields of the documents' })
  @ApiResponse({ status: 200, standardSchema: StageResults })
  getExtraction(@Tenant() tenant: Principal, @Param('id', caseIdParam) id: string) {
    return this.reading.getResults(tenant, id, 'extraction');
  }

  @Get(':id/forensics')
  @NeedsScope('cases:read')
  @ApiOperation({ summary: 'Signs of tampering' })
  @ApiResponse({ status: 200, standardSchema: StageResults })
  getForensics(@Tenant() tenant: Principal, @Param('id', caseIdParam) id: string) {
    return this.reading.getResults(tenant, id, 'forensics');
  }

  @Get(':id/translation')
  @NeedsScope('cases:read')
  @ApiOperation({ summary: 'The translation of the documents' })
  @ApiResponse({ status: 200, standardSchema: StageResults })
  getTranslation(@Tenant() tenant: Principal, @Param('id', caseIdParam) id: string) {
    return this.reading.getResults(tenant, id, 'translation');
  }
}
