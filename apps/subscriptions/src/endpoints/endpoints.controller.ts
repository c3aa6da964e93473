import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import {
  ChangeEndpoint,
  CreateEndpoint,
  EndpointToken,
  EndpointView,
  EndpointWithSecret,
  EntityId,
  page,
  PageQuery,
  PingSent,
} from '@casewire/contracts';
import { decodeCursor, GivenIdempotencyKey, Operation } from '@casewire/service';
import { Body, Controller, Delete, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { z } from 'zod';

import { EndpointsService } from './endpoints.service.ts';
import { PingService } from './ping.service.ts';

@Controller('registry/v1/endpoints')
export class EndpointsController {
  constructor(
    private readonly endpoints: EndpointsService,
    private readonly pings: PingService,
  ) {}

  @Post()
  @NeedsScope('endpoints:write')
  @Operation(
    'create',
    'Register an endpoint; its secret is shown only in this response',
    EndpointWithSecret,
  )
  create(
    @CurrentPrincipal() tenant: Principal,
    @Body({ schema: CreateEndpoint }) command: CreateEndpoint,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    const by = `${tenant.organizationId}/${tenant.environment}`;
    const audience = tenant.organization.kind === 'team' ? 'internal' : 'partner';
    return this.endpoints.create(tenant, command, audience, by, key);
  }

  @Get()
  @NeedsScope('endpoints:read')
  @Operation('list', 'Your endpoints in this environment', page(EndpointView))
  getAll(
    @CurrentPrincipal() tenant: Principal,
    @Query({ schema: PageQuery }) { limit, cursor }: PageQuery,
  ) {
    const after = cursor === undefined ? undefined : decodeCursor(z.uuid(), cursor);
    return this.endpoints.getAll(tenant, limit, after);
  }

  @Get(':id')
  @NeedsScope('endpoints:read')
  @Operation('read', 'One endpoint', EndpointView)
  get(@CurrentPrincipal() tenant: Principal, @Param('id', { schema: EntityId }) id: string) {
    return this.endpoints.get(tenant, id);
  }

  @Patch(':id')
  @NeedsScope('endpoints:write')
  @Operation('change', 'Change an endpoint; omitted fields stay as they are', EndpointView)
  change(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @Body({ schema: ChangeEndpoint }) command: ChangeEndpoint,
  ) {
    return this.endpoints.change(tenant, id, command);
  }

  @Delete(':id')
  @NeedsScope('endpoints:write')
  @Operation('remove', 'Delete an endpoint; its open deliveries are canceled', null)
  remove(@CurrentPrincipal() tenant: Principal, @Param('id', { schema: EntityId }) id: string) {
    return this.endpoints.remove(tenant, id);
  }

  @Post(':id/secret')
  @NeedsScope('endpoints:write')
  @Operation(
    'act',
    'Rotate the secret; the previous secret also signs for 24 hours',
    EndpointWithSecret,
    { status: 201 },
  )
  rotateSecret(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.endpoints.rotateSecret(tenant, id, key);
  }

  @Get(':id/token')
  @NeedsScope('endpoints:write')
  @Operation('read', 'The token in requests to this endpoint', EndpointToken)
  token(@CurrentPrincipal() tenant: Principal, @Param('id', { schema: EntityId }) id: string) {
    return this.endpoints.token(tenant, id);
  }

  @Post(':id/ping')
  @NeedsScope('endpoints:write')
  @Operation(
    'act',
    'Send a test event to this endpoint, through the same pipeline as every event',
    PingSent,
    {
      status: 202,
    },
  )
  ping(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.pings.ping(tenant, id, key);
  }
}
