import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import {
  EventTypeName,
  EventTypeQuery,
  EventTypeView,
  NoQuery,
  page,
  SchemaDiff,
  SchemaDiffQuery,
  SchemaRevision,
  VersionNumber,
} from '@casewire/contracts';
import { decodeCursor, Operation } from '@casewire/service';
import { Controller, Get, Param, Query } from '@nestjs/common';
import { z } from 'zod';

import { EventTypesService } from './event-types.service.ts';

/** The end of a page: a name and its version. */
const Position = z.string().regex(/^[\w.@-]{1,150}$/);

@Controller('catalog/v1/event-types')
export class EventTypesController {
  constructor(private readonly eventTypes: EventTypesService) {}

  @Get()
  @NeedsScope('endpoints:read')
  @Operation('list', 'The event types that you can receive', page(EventTypeView))
  getAll(
    @CurrentPrincipal() tenant: Principal,
    @Query({ schema: EventTypeQuery }) query: EventTypeQuery,
  ) {
    const after = query.cursor === undefined ? undefined : decodeCursor(Position, query.cursor);
    return this.eventTypes.getAll(tenant, query, after);
  }

  @Get(':name/versions')
  @NeedsScope('endpoints:read')
  @Operation('list', 'All versions of an event type', z.object({ items: z.array(EventTypeView) }), {
    problems: [404],
  })
  versions(
    @CurrentPrincipal() tenant: Principal,
    @Param('name', { schema: EventTypeName }) name: string,
    @Query({ schema: NoQuery }) _query: NoQuery,
  ) {
    return this.eventTypes.versions(tenant, name);
  }

  @Get(':name/diff')
  @NeedsScope('endpoints:read')
  @Operation('read', 'The changes from one version to another', SchemaDiff)
  diff(
    @CurrentPrincipal() tenant: Principal,
    @Param('name', { schema: EventTypeName }) name: string,
    @Query({ schema: SchemaDiffQuery }) { from, to }: SchemaDiffQuery,
  ) {
    return this.eventTypes.diff(tenant, name, from, to);
  }

  @Get(':name/:version')
  @NeedsScope('endpoints:read')
  @Operation('read', 'One version of an event type, with its schema and a sample', EventTypeView)
  get(
    @CurrentPrincipal() tenant: Principal,
    @Param('name', { schema: EventTypeName }) name: string,
    @Param('version', { schema: VersionNumber }) version: number,
  ) {
    return this.eventTypes.get(tenant, name, version);
  }

  @Get(':name/:version/schemas')
  @NeedsScope('endpoints:read')
  @Operation(
    'list',
    'The schemas of a version over time, the oldest first',
    z.object({ items: z.array(SchemaRevision) }),
    { problems: [404] },
  )
  history(
    @CurrentPrincipal() tenant: Principal,
    @Param('name', { schema: EventTypeName }) name: string,
    @Param('version', { schema: VersionNumber }) version: number,
    @Query({ schema: NoQuery }) _query: NoQuery,
  ) {
    return this.eventTypes.history(tenant, name, version);
  }
}
