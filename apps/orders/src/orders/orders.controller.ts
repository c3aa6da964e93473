import { NeedsScope, CurrentPrincipal, type Principal } from '@casewire/auth';
import { CreateOrder, EntityId, OrderView, RefreshOrder } from '@casewire/contracts';
import { GivenIdempotencyKey, Operation } from '@casewire/service';
import { Body, Controller, Param, Post } from '@nestjs/common';

import { OrdersService } from './orders.service.ts';

@Controller('orders/v1/orders')
export class OrdersController {
  constructor(private readonly orders: OrdersService) {}

  @Post()
  @NeedsScope('orders:write')
  @Operation('create', 'Order the verifications of a template for a user', OrderView)
  create(
    @CurrentPrincipal() tenant: Principal,
    @Body({ schema: CreateOrder }) command: CreateOrder,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.orders.create(tenant, command, key);
  }

  @Post(':id/cancel')
  @NeedsScope('orders:write')
  @Operation('act', 'Cancel every verification of an order that is not completed', OrderView)
  cancel(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.orders.cancel(tenant, id, key);
  }

  @Post(':id/refresh')
  @NeedsScope('orders:write')
  @Operation('act', 'Refresh the results of completed verifications', OrderView, { status: 202 })
  refresh(
    @CurrentPrincipal() tenant: Principal,
    @Param('id', { schema: EntityId }) id: string,
    @Body({ schema: RefreshOrder }) selection: RefreshOrder,
    @GivenIdempotencyKey() key: string | undefined,
  ) {
    return this.orders.refresh(tenant, id, selection, key);
  }
}
