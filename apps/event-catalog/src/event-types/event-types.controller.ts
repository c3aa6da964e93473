import { NeedsScope, Tenant, type Principal } from '@casewire/auth';
import {
  EventTypeQuery,
  EventTypeView,
  page,
  SchemaDiff,
  SchemaDiffQuery,
  SchemaRevision,
} from '@casewire/contracts';
import { decodeCursor } from '@casewire/service';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import { z } from 'zod';

import { EventTypesService } from './event-types.service.ts';
import { VersionPipe } from './version-pipe.ts';

/** Where a page ended: a name and its version. */
const Position = z.string().regex(/^[\w.@-]{1,150}$/);

@Controller('catalog/v1/event-types')
export class EventTypesController {
  constructor(private readonly eventTypes: EventTypesService) {}

  @Get()
  @NeedsScope('endpoints:read')
  @ApiOperation({ summary: 'Every event type that you may get' })
  @ApiResponse({ status: 200, standardSchema: page(EventTypeView) })
  getAll(@Tenant() tenant: Principal, @Query({ schema: EventTypeQuery }) query: EventTypeQuery) {
    const after = query.cursor === undefined ? undefined : decodeCursor(Position, query.cursor);
    return this.eventTypes.getAll(tenant, query, after);
  }

  @Get(':name/versions')
  @NeedsScope('endpoints:read')
  @ApiOperation({ summary: 'Every version of an event type' })
  @ApiResponse({ status: 200, standardSchema: z.object({ items: z.array(EventTypeView) }) })
  versions(@Tenant() tenant: Principal, @Param('name') name: string) {
    return this.eventTypes.versions(tenant, name);
  }

  @Get(':name/diff')
  @NeedsScope('endpoints:read')
  @ApiOperation({ summary: 'What changed from one version to another' })
  @ApiResponse({ status: 200, standardSchema: SchemaDiff })
  diff(
    @Tenant() tenant: Principal,
    @Param('name') name: string,
    @Query({ schema: SchemaDiffQuery }) { from, to }: SchemaDiffQuery,
  ) {
    return this.eventTypes.diff(tenant, name, from, to);
  }

  @Get(':name/:version')
  @NeedsScope('endpoints:read')
  @ApiOperation({ summary: 'One version of an event type, with its schema and a sample' })
  @ApiResponse({ status: 200, standardSchema: EventTypeView })
  get(
    @Tenant() tenant: Principal,
    @Param('name') name: string,
    @Param('version', VersionPipe) version: number,
  ) {
    return this.eventTypes.get(tenant, name, version);
  }

  @Get(':name/:version/schemas')
  @NeedsScope('endpoints:read')
  @ApiOperation({ summary: 'The schemas that a version had, the first one first' })
  @ApiResponse({ status: 200, standardSchema: z.object({ items: z.array(SchemaRevision) }) })
  history(
    @Tenant() tenant: Principal,
    @Param('name') name: string,
    @Param('version', VersionPipe) version: number,
  ) {
    return this.eventTypes.history(tenant, name, version);
  }
}
