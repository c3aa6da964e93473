import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import { EndpointHealth, EntityId } from '@casewire/contracts';
import { GivenIdempotencyKey, Operation } from '@casewire/service';
import { Controller, Get, Param, Post } from '@nestjs/common';

import { EndpointHealthService } from './endpoint-health.service.ts';

@Controller('delivery/v1/endpoints/:id')
export class EndpointHealthController {
  constructor(private readonly health: EndpointHealthService) {}

  @Get()
  @NeedsScope('deliveries:read')
  @Operation('read', 'The health of an endpoint', EndpointHealth)
  get(@CurrentPrincipal() tenant: Principal, @Param('id', { schema: EntityId }) id: string) {
    return this.health.get(tenant, id);
  }

  @Post('resume')
  @NeedsScope('deliveries:write')
  @Operation(
    'act',
    'Resume an endpoint: the deliveries that wait are sent in order',
    EndpointHealth,
  )
  resume(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.health.resume(tenant, id, key);
  }
}
