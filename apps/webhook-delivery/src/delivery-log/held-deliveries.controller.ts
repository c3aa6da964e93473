import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import { DeliveryView, ReleaseHeld, RowId } from '@casewire/contracts';
import { GivenIdempotencyKey, Operation } from '@casewire/service';
import { Body, Controller, Param, Post } from '@nestjs/common';

import { HeldDeliveriesService } from './held-deliveries.service.ts';

@Controller('delivery/v1/deliveries')
export class HeldDeliveriesController {
  constructor(private readonly held: HeldDeliveriesService) {}

  @Post(':id/release')
  @NeedsScope('deliveries:write')
  @Operation(
    'act',
    'Decide on a delivery at which its lane waits: retry it, or skip it',
    DeliveryView,
  )
  release(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: RowId }) id: string,
    @Body({ schema: ReleaseHeld }) decision: ReleaseHeld,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.held.release(tenant, id, decision, key);
  }
}
