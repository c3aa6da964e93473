import { NeedsScope, Tenant, type Principal } from '@casewire/auth';
import {
  ChangeEndpoint,
  CreateEndpoint,
  EndpointToken,
  EndpointView,
  EndpointWithSecret,
  page,
  PageQuery,
  PingSent,
} from '@casewire/contracts';
import { decodeCursor } from '@casewire/service';
import {
  Body,
  Controller,
  Delete,
  Get,
  Headers,
  HttpCode,
  Param,
  ParseUUIDPipe,
  Patch,
  Post,
  Query,
} from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
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
  @ApiOperation({ summary: 'Register an endpoint; its secret is shown in this answer only' })
  @ApiResponse({ status: 201, standardSchema: EndpointWithSecret })
  create(
    @Tenant() tenant: Principal,
    @Body({ schema: CreateEndpoint }) command: CreateEndpoint,
    @Headers('idempotency-key') key: string | undefined,
  ) {
    const by = `${tenant.organizationId}/${tenant.environment}`;
    const audience = tenant.organization.kind === 'team' ? 'internal' : 'partner';
    return this.endpoints.create(tenant, command, audience, by, key);
  }

  @Get()
  @NeedsScope('endpoints:read')
  @ApiOperation({ summary: 'Your endpoints in this environment' })
  @ApiResponse({ status: 200, standardSchema: page(EndpointView) })
  getAll(@Tenant() tenant: Principal, @Query({ schema: PageQuery }) { limit, cursor }: PageQuery) {
    const after = cursor === undefined ? undefined : decodeCursor(z.uuid(), cursor);
    return this.endpoints.getAll(tenant, limit, after);
  }

  @Get(':id')
  @NeedsScope('endpoints:read')
  @ApiOperation({ summary: 'One endpoint' })
  @ApiResponse({ status: 200, standardSchema: EndpointView })
  get(@Tenant() tenant: Principal, @Param('id', ParseUUIDPipe) id: string) {
    return this.endpoints.get(tenant, id);
  }

  @Patch(':id')
  @NeedsScope('endpoints:write')
  @ApiOperation({ summary: 'Change an endpoint: what is not given stays' })
  @ApiResponse({ status: 200, standardSchema: EndpointView })
  change(
    @Tenant() tenant: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Body({ schema: ChangeEndpoint }) command: ChangeEndpoint,
  ) {
    return this.endpoints.change(tenant, id, command);
  }

  @Delete(':id')
  @HttpCode(204)
  @NeedsScope('endpoints:write')
  @ApiOperation({ summary: 'Delete an endpoint; what is still to be delivered to it is canceled' })
  remove(@Tenant() tenant: Principal, @Param('id', ParseUUIDPipe) id: string) {
    return this.endpoints.remove(tenant, id);
  }

  @Post(':id/secret')
  @NeedsScope('endpoints:write')
  @ApiOperation({ summary: 'Rotate the secret; the one before goes on signing for 24 hours' })
  @ApiResponse({ status: 201, standardSchema: EndpointWithSecret })
  rotateSecret(
    @Tenant() tenant: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Headers('idempotency-key') key: string | undefined,
  ) {
    return this.endpoints.rotateSecret(tenant, id, key);
  }

  @Get(':id/token')
  @NeedsScope('endpoints:write')
  @ApiOperation({ summary: 'The token that requests to this endpoint carry' })
  @ApiResponse({ status: 200, standardSchema: EndpointToken })
  token(@Tenant() tenant: Principal, @Param('id', ParseUUIDPipe) id: string) {
    return this.endpoints.token(tenant, id);
  }

  @Post(':id/ping')
  @HttpCode(202)
  @NeedsScope('endpoints:write')
  @ApiOperation({ summary: 'Send a test event to this endpoint, the way that all events take' })
  @ApiResponse({ status: 202, standardSchema: PingSent })
  ping(
    @Tenant() tenant: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Headers('idempotency-key') key: string | undefined,
  ) {
    return this.pings.ping(tenant, id, key);
  }
}
