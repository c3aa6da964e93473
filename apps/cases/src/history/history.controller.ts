import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import {
  CaseEvent,
  CaseRevisions,
  CaseTimeline,
  EntityId,
  ExtractionVersions,
  page,
  PageQuery,
} from '@casewire/contracts';
import { Operation } from '@casewire/service';
import { Controller, Get, Param, Query } from '@nestjs/common';

import { HistoryService } from './history.service.ts';

@Controller('partner/v1/cases/:id')
export class HistoryController {
  constructor(private readonly history: HistoryService) {}

  @Get('events')
  @NeedsScope('cases:read')
  @Operation('read', 'The events of a case, oldest first', page(CaseEvent))
  getEvents(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @Query({ schema: PageQuery }) query: PageQuery,
  ) {
    return this.history.getEvents(tenant, id, query);
  }

  @Get('timeline')
  @NeedsScope('cases:read')
  @Operation('read', 'Everything that happened to a case, in order of time', CaseTimeline)
  getTimeline(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
  ) {
    return this.history.getTimeline(tenant, id);
  }

  @Get('revisions')
  @NeedsScope('cases:read')
  @Operation('read', 'The case’s own data, in each version', CaseRevisions)
  getRevisions(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
  ) {
    return this.history.getRevisions(tenant, id);
  }

  @Get('uploads/:uploadId/extraction/versions')
  @NeedsScope('cases:read')
  @Operation(
    'read',
    'The versions of a document’s extraction: who, when and why',
    ExtractionVersions,
  )
  getVersions(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @Param('uploadId', { schema: EntityId }) uploadId: string,
  ) {
    return this.history.getVersions(tenant, id, uploadId);
  }
}
