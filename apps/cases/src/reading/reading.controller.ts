import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import { CasesQuery, CaseSummary, CaseView, EntityId, page } from '@casewire/contracts';
import { Operation } from '@casewire/service';
import { Controller, Get, Param, Query } from '@nestjs/common';

import { ReadingService } from './reading.service.ts';

@Controller('partner/v1/cases')
export class ReadingController {
  constructor(private readonly reading: ReadingService) {}

  @Get()
  @NeedsScope('cases:read')
  @Operation('list', 'Your cases that match the query, newest first', page(CaseSummary))
  getAll(@CurrentPrincipal() tenant: Principal, @Query({ schema: CasesQuery }) query: CasesQuery) {
    return this.reading.getAll(tenant, query);
  }

  @Get(':id')
  @NeedsScope('cases:read')
  @Operation('read', 'A case, with the state of every stage of every upload', CaseView)
  get(@CurrentPrincipal() tenant: Principal, @Param('id', { schema: EntityId }) id: string) {
    return this.reading.get(tenant, id);
  }
}
