import { NeedsScope, Tenant, type Principal } from '@casewire/auth';
import { DeliveryView, ReleaseHeld } from '@casewire/contracts';
import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';

import { HeldDeliveriesService } from './held-deliveries.service.ts';

@Controller('delivery/v1/deliveries')
export class HeldDeliveriesController {
  constructor(private readonly held: HeldDeliveriesService) {}

  @Post(':id/release')
  @HttpCode(200)
  @NeedsScope('deliveries:write')
  @ApiOperation({ summary: 'Decide on a delivery at which its lane waits: retry it, or skip it' })
  @ApiResponse({ status: 200, standardSchema: DeliveryView })
  release(
    @Tenant() tenant: Principal,
    @Param('id') id: string,
    @Body({ schema: ReleaseHeld }) decision: ReleaseHeld,
    @Headers('idempotency-key') key: string | undefined,
  ) {
    return this.held.release(tenant, id, decision, key);
  }
}
