import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import { DeliveryView, UnblockDelivery, RowId } from '@casewire/contracts';
import { GivenIdempotencyKey, Operation } from '@casewire/service';
import { Body, Controller, Param, Post } from '@nestjs/common';

import { BlockedDeliveriesService } from './blocked-deliveries.service.ts';

@Controller('delivery/v1/deliveries')
export class BlockedDeliveriesController {
  constructor(private readonly blocked: BlockedDeliveriesService) {}

  @Post(':id/unblock')
  @NeedsScope('deliveries:write')
  @Operation('act', 'Unblock a lane: retry the delivery at its head, or skip it', DeliveryView)
  unblock(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: RowId }) id: string,
    @Body({ schema: UnblockDelivery }) decision: UnblockDelivery,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.blocked.unblock(tenant, id, decision, key);
  }
}
