import { NeedsScope, Tenant, type Principal } from '@casewire/auth';
import { EndpointHealth } from '@casewire/contracts';
import { Controller, Get, Headers, HttpCode, Param, ParseUUIDPipe, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';

import { EndpointHealthService } from './endpoint-health.service.ts';

@Controller('delivery/v1/endpoints/:id')
export class EndpointHealthController {
  constructor(private readonly health: EndpointHealthService) {}

  @Get()
  @NeedsScope('deliveries:read')
  @ApiOperation({ summary: 'How an endpoint is doing' })
  @ApiResponse({ status: 200, standardSchema: EndpointHealth })
  get(@Tenant() tenant: Principal, @Param('id', ParseUUIDPipe) id: string) {
    return this.health.get(tenant, id);
  }

  @Post('resume')
  @HttpCode(200)
  @NeedsScope('deliveries:write')
  @ApiOperation({ summary: 'Lift a suspension: what accrued goes out in order' })
  @ApiResponse({ status: 200, standardSchema: EndpointHealth })
  resume(
    @Tenant() tenant: Principal,
    @Param('id', ParseUUIDPipe) id: string,
    @Headers('idempotency-key') key: string | undefined,
  ) {
    return this.health.resume(tenant, id, key);
  }
}
